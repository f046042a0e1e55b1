// What a C++ program does with files through fstream: a line for each thing it tried.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

static std::string all(const char *name)
{
	std::ifstream in(name, std::ios::binary);
	std::stringstream text;

	if (!in)
		return "not opened";
	text << in.rdbuf();
	return text.str();
}

int main(int argc, char **argv)
{
	std::cout << "args:";
	for (int i = 1; i < argc; i++)
		std::cout << ' ' << argv[i];
	const char *greeting = std::getenv("GREETING");
	std::cout << "\nenv: " << (greeting ? greeting : "unset") << '\n';
	std::cout << "read: " << all("notes.txt") << '\n';
	std::cout << "read beneath: " << all("data/deeper/b.txt") << '\n';
	std::cout << "read through a link: " << all("link") << '\n';
	std::cout << "absent: " << all("none.txt") << '\n';

	std::ofstream out("new.txt");
	out << "one\n" << 2 << '\n' << 3.5 << '\n';
	out.close();
	std::cout << "written: " << out.good() << ' ' << all("new.txt") << '\n';

	std::ofstream("new.txt", std::ios::app) << "more\n";
	std::cout << "appended: " << all("new.txt") << '\n';

	std::fstream both("new.txt", std::ios::in | std::ios::out);
	std::string word;
	both.seekg(4);
	both >> word;
	both.seekp(0);
	both << "ONE";
	both.seekg(0, std::ios::end);
	std::cout << "both: " << word << ' ' << both.tellg() << '\n';
	both.close();
	std::cout << "changed: " << all("new.txt") << '\n';
	std::cout << "cut: " << std::ofstream("cut.txt", std::ios::trunc).good() << ' ' << all("cut.txt") << '\n';
	std::cout << "rename: " << std::rename("new.txt", "moved.txt") << ' ' << all("new.txt") << '\n';
	std::cout << "remove: " << std::remove("cut.txt") << ' ' << std::remove("none.txt") << '\n';
	std::string line;
	std::getline(std::cin, line);
	std::cout << "standard input: " << line << std::endl;
	return 3;
}

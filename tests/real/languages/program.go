// What a Go program does with files through os: a line for each thing it tried.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

func say(name string, value any, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Printf("%s: not exist\n", name)
	case errors.Is(err, fs.ErrExist):
		fmt.Printf("%s: exist\n", name)
	case errors.Is(err, fs.ErrPermission):
		fmt.Printf("%s: permission\n", name)
	case err != nil:
		fmt.Printf("%s: %v\n", name, err)
	default:
		fmt.Printf("%s: %v\n", name, value)
	}
}

func read(name string) (string, error) {
	data, err := os.ReadFile(name)
	return string(data), err
}

func list(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	names := []string{}
	for _, e := range entries {
		names = append(names, fmt.Sprintf("%s %v", e.Name(), e.IsDir()))
	}
	return names, err
}

func seeks() (string, error) {
	file, err := os.OpenFile("made/new.txt", os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return "", err
	}
	defer file.Close()
	file.WriteString("0123456789")
	file.WriteAt([]byte("XY"), 1)
	file.Seek(-3, io.SeekEnd)
	rest, err := io.ReadAll(file)
	if err == nil {
		err = file.Truncate(4)
	}
	if err == nil {
		err = file.Sync()
	}
	return string(rest), err
}

func timeOf(name string) (int64, error) {
	st, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return st.ModTime().Unix(), nil
}

func walk() ([]string, error) {
	seen := []string{}
	err := filepath.WalkDir("data", func(path string, d fs.DirEntry, err error) error {
		seen = append(seen, path)
		return err
	})
	return seen, err
}

func errOnly(name string, err error) { say(name, "ok", err) }

func appends() error {
	file, err := os.OpenFile("made/new.txt", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString("more")
	return err
}

func main() {
	fmt.Printf("args: %q\n", os.Args[1:])
	fmt.Printf("env: %q\n", os.Getenv("GREETING"))
	s, err := read("notes.txt")
	say("read", s, err)
	s, err = read("data/deeper/b.txt")
	say("read beneath", s, err)
	s, err = read("link")
	say("read through a link", s, err)
	s, err = os.Readlink("link")
	say("read link", s, err)
	_, err = read("none.txt")
	errOnly("absent", err)
	l, err := list(".")
	say("list", l, err)
	l, err = list("data")
	say("list beneath", l, err)
	l, err = walk()
	say("walk", l, err)
	st, err := os.Stat("notes.txt")
	say("stat", st.Size(), err)
	errOnly("mkdir", os.MkdirAll("made/deep", 0o777))
	errOnly("mkdir again", os.Mkdir("made", 0o777))
	s, err = seeks()
	say("create, seek, cut", s, err)
	_, err = os.OpenFile("made/new.txt", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	errOnly("create what is there", err)
	errOnly("append", appends())
	s, err = read("made/new.txt")
	say("appended", s, err)
	errOnly("rename", os.Rename("made/new.txt", "made/deep/moved.txt"))
	errOnly("times", os.Chtimes("made/deep/moved.txt", time.Unix(1e9, 0), time.Unix(1e9, 0)))
	t, err := timeOf("made/deep/moved.txt")
	say("times set", t, err)
	errOnly("symlink", os.Symlink("moved.txt", "made/deep/l"))
	errOnly("remove", os.Remove("made/deep/l"))
	errOnly("remove all", os.RemoveAll("made/deep"))
	temp, err := os.CreateTemp("made", "t*")
	errOnly("temporary file", err)
	if err == nil {
		temp.Close()
		errOnly("temporary file, removed", os.Remove(temp.Name()))
	}
	l, err = list("made")
	say("end", l, err)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	say("standard input", line, err)
	os.Exit(3)
}

/*
 * cpu.c - no system calls, only work: integers (a hash over a table), floating point
 * (planets) and memory (a sort). Prints the nanoseconds of all of it, and what came out.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { TABLE = 1 << 20, PASSES = 60, PLANETS = 5, STEPS = 300000, KEYS = 1 << 20 };

static uint32_t table[TABLE];
static double at[PLANETS][3], speed[PLANETS][3], mass[PLANETS];

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t hash_all(uint32_t h)
{
	for (int pass = 0; pass < PASSES; pass++)
		for (uint32_t i = 0; i < TABLE; i++) {
			h = (h ^ table[i]) * 16777619u;
			h = h << 13 | h >> 19;
			table[(h ^ i) & (TABLE - 1)] += h;
		}
	return h;
}

static double root_of(double x)
{
	double y = x > 1 ? x / 2 : 1;

	for (int i = 0; i < 6; i++)
		y = (y + x / y) / 2;
	return y;
}

static void pull(int a, int b)
{
	double d[3], r2 = 1e-3, f;

	for (int k = 0; k < 3; k++) {
		d[k] = at[a][k] - at[b][k];
		r2 += d[k] * d[k];
	}
	f = 0.001 / (r2 * root_of(r2));
	for (int k = 0; k < 3; k++) {
		speed[a][k] -= d[k] * mass[b] * f;
		speed[b][k] += d[k] * mass[a] * f;
	}
}

static double planets(void)
{
	for (int i = 0; i < PLANETS; i++) {
		mass[i] = 1.0 / (i + 1);
		for (int k = 0; k < 3; k++)
			at[i][k] = i * 1.5 + k * 0.3;
	}
	for (int step = 0; step < STEPS; step++) {
		for (int a = 0; a < PLANETS; a++)
			for (int b = a + 1; b < PLANETS; b++)
				pull(a, b);
		for (int a = 0; a < PLANETS; a++)
			for (int k = 0; k < 3; k++)
				at[a][k] += 0.001 * speed[a][k];
	}
	return at[0][0];
}

/* A sort of its own: every libc has another. */
static void sort(void)
{
	static const int gaps[] = { 460000, 90000, 20000, 4500, 1000, 132, 57, 23, 10, 4, 1 };

	for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
		for (int i = gaps[g]; i < KEYS; i++) {
			uint32_t key = table[i];
			int j = i;

			for (; j >= gaps[g] && table[j - gaps[g]] > key; j -= gaps[g])
				table[j] = table[j - gaps[g]];
			table[j] = key;
		}
}

int main(void)
{
	uint64_t start = now();
	uint32_t h = hash_all(2166136261u);
	double x = planets();

	sort();
	printf("%.0f\n%u %.6f %u\n", (double)(now() - start), h, x, table[KEYS / 2]);
	return 0;
}

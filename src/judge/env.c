/*
 * env.c - the guest's environment: hidden but for what says how to speak to a person (decisions.md 11).
 */
#include <errno.h>

#include "judge/inside.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* A final "*": every variable that begins so. */
static const char *const shown[] = { "LANG", "LC_*", "TZ", "TERM", "COLUMNS", "TMPDIR" };

static struct text name_of(struct text variable)
{
	const char *end = variable.len ? memchr(variable.at, '=', variable.len) : NULL;

	return (struct text){ variable.at, end ? (size_t)(end - variable.at) : variable.len };
}

static bool is_shown(const struct judge *j, struct text name)
{
	const struct ruling *permit = rules_match_env(j->rules, STAGE_PERMIT, name);

	if (rules_match_env(j->rules, STAGE_FORBID, name))
		return false;
	if (permit && permit->rule.verb == VERB_ALLOW)
		return true;
	for (size_t i = 0; i < COUNT(shown); i++) {
		struct text want = text_of(shown[i]);

		if (text_ends(want, TEXT("*")) ? text_starts(name, (struct text){ want.at, want.len - 1 }) : text_eq(name, want))
			return true;
	}
	for (size_t i = 0; i < j->nenv_names; i++)
		if (text_eq(name, j->env_names[i]))
			return true;
	return false;
}

/* The last word on a name counts. */
static void env_set(struct texts *env, struct text variable)
{
	for (size_t i = 0; i < env->n; i++)
		if (text_eq(name_of(env->at[i]), name_of(variable))) {
			env->at[i] = variable;
			return;
		}
	env->at[env->n++] = variable;
}

static int env_join(struct arena *arena, struct texts *env, struct text name, struct text value)
{
	struct text variable = arena_join(arena, name, TEXT("="), value);

	if (!variable.at)
		return -ENOMEM;
	env_set(env, variable);
	return 0;
}

int env_make(const struct judge *j, struct arena *arena, struct text cwd, bool tmp_is_local, struct texts *out)
{
	struct texts env = { arena_new(arena, j->env.n + j->set_env.n + 2, sizeof *env.at), 0 };
	int error = 0;

	if (!env.at)
		return -ENOMEM;
	for (size_t i = 0; j->mode != MODE_OFF && i < j->env.n; i++)
		if (j->env.at[i].len > name_of(j->env.at[i]).len && is_shown(j, name_of(j->env.at[i])))
			env_set(&env, j->env.at[i]);
	if (j->mode != MODE_OFF)
		error = env_join(arena, &env, TEXT("PWD"), cwd);
	if (error == 0 && tmp_is_local)
		error = env_join(arena, &env, TEXT("TMPDIR"), j->tmp_path);
	for (size_t i = 0; error == 0 && i < j->set_env.n; i++)
		env_set(&env, j->set_env.at[i]);
	for (size_t i = 0; error == 0 && i < env.n; i++) {
		env.at[i] = arena_text(arena, env.at[i]);
		if (!env.at[i].at)
			error = -ENOMEM;
	}
	if (error == 0)
		*out = env;
	return error;
}

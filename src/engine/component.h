/*
 * component.h - the one module in a component that matters to us.
 *
 * What adapts a preview1 program to WASI 0.2 (`jco new`, `wasm-tools component new`)
 * wraps the program as it was; that program alone does the same on our own preview1.
 * Any other component is not for us, yet.
 */
#ifndef ENGINE_COMPONENT_H
#define ENGINE_COMPONENT_H

#include "base/buf.h"

bool is_component(struct text bytes);

/* The program within the component BYTES, a part of it. False: it is none of these, and ERROR says what to do. */
bool component_program(struct text bytes, struct text *out, struct buf *error);

#endif

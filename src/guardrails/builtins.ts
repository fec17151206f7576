/**
 * Builtins that run inside the WebAssembly module: pure, without clock, network or randomness. Regular expressions and
 * globs are left out until their cost is bounded.
 */
const insideTheModule: readonly string[] = [
  "abs",
  "all",
  "and",
  "any",
  "array.concat",
  "array.reverse",
  "array.slice",
  "assign",
  "base64.decode",
  "base64.encode",
  "bits.and",
  "bits.lsh",
  "bits.negate",
  "bits.or",
  "bits.rsh",
  "bits.xor",
  "ceil",
  "concat",
  "contains",
  "count",
  "div",
  "endswith",
  "eq",
  "equal",
  "floor",
  "format_int",
  "gt",
  "gte",
  "indexof",
  "internal.member_2",
  "internal.member_3",
  "intersection",
  "is_array",
  "is_boolean",
  "is_null",
  "is_number",
  "is_object",
  "is_set",
  "is_string",
  "json.marshal",
  "json.unmarshal",
  "lower",
  "lt",
  "lte",
  "max",
  "min",
  "minus",
  "mul",
  "neq",
  "net.cidr_contains",
  "net.cidr_intersects",
  "numbers.range",
  "object.filter",
  "object.get",
  "object.keys",
  "object.remove",
  "object.union",
  "or",
  "plus",
  "product",
  "rem",
  "replace",
  "round",
  "sort",
  "split",
  "startswith",
  "strings.reverse",
  "substring",
  "sum",
  "to_number",
  "trim",
  "trim_left",
  "trim_prefix",
  "trim_right",
  "trim_space",
  "trim_suffix",
  "type_name",
  "union",
  "upper",
  "walk",
];

/** Builtins that opa-wasm answers in JavaScript, outside the module's memory limit; the worker's own heap limit holds for them. */
export const hostBuiltins: ReadonlySet<string> = new Set(["sprintf"]);

/** Every builtin that a pack may be compiled with. */
const allowedBuiltins: ReadonlySet<string> = new Set([...insideTheModule, ...hostBuiltins]);

interface Capabilities {
  readonly builtins: readonly { readonly name: string }[];
}

/** The compiler's own capabilities cut down to the allow-list: no builtin can be called that is not in it. */
export function restrictCapabilities<T extends Capabilities>(current: T): T & { allow_net: string[] } {
  return { ...current, builtins: current.builtins.filter(({ name }) => allowedBuiltins.has(name)), allow_net: [] };
}

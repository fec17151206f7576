import type { Direction } from "../model/facts.ts";
import type { BitSet } from "./bit-set.ts";
import type { Selected } from "./decide.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Policy } from "./policy.ts";
import type { PortSet } from "./port-set.ts";
import type { Region, Shape } from "./shape.ts";
import type { Universe } from "./universe.ts";

/** A cluster as it is, or as it would be after a change. */
export interface View {
  readonly universe: Universe;
  /** The numbers of a namespace's endpoints. */
  of(namespace: string): readonly number[];
  endpoint(id: number): Endpoint | undefined;
  shape(id: number, direction: Direction): Shape;
  /** The shape that an endpoint without a number would have. */
  shapeFor(endpoint: Endpoint, direction: Direction): Shape;
  /** All endpoints by shape. */
  groups(direction: Direction): ReadonlyMap<Shape, BitSet>;
  /** What a shape allows at most, outside of its own namespaces. */
  region(shape: Shape): Region;
  /** The ports on which a shape may allow the endpoint of that number. */
  portsAt(shape: Shape, id: number): PortSet;
  /** The policies that select an endpoint, or may, and have a say in the direction. */
  selecting(endpoint: Endpoint, direction: Direction): Selected<Policy>[];
}

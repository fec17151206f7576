import type { DeclaredFact, FactName, FactObjects } from "../model/facts.ts";
import { projectFact } from "../model/facts.ts";
import { type ApiClient, isStatus } from "./api-client.ts";
import { Reflector } from "./reflector.ts";
import type { Log } from "./settings.ts";

interface DeclaredFactOptions {
  readonly api: ApiClient;
  readonly staleMillis: number;
  readonly log: Log;
  readonly alarm: (kind: string, message: string, fields: object) => void;
}

/** More would be copied to every thread at every change. */
const objectsMost = 20_000;

/** Changes come in bursts: rules are told once for each. */
const settleMillis = 100;

/** Follows what a pack declared that it reads: just those kinds, in pages, cut down to just those fields. */
export class DeclaredFacts {
  readonly #declared: readonly DeclaredFact[];
  readonly #options: DeclaredFactOptions;
  readonly #reflectors: ReadonlyMap<string, Reflector<object>>;
  readonly #listeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(declared: readonly DeclaredFact[], options: DeclaredFactOptions) {
    this.#declared = declared;
    this.#options = options;
    const { api, log } = options;
    this.#reflectors = new Map(
      declared.map((fact) => [
        fact.name,
        new Reflector({
          api,
          name: `fact ${fact.name}`,
          path: pathOf(fact),
          project: (object) => projectFact(fact, object),
          onChange: () => this.#changed(),
          log,
        }),
      ]),
    );
    for (const reflector of this.#reflectors.values()) {
      reflector.start();
      // A kind of which there is none yet changes nothing, and is known all the same.
      void reflector.synced.then(() => this.#changed());
    }
  }

  current(): Readonly<Record<string, FactObjects>> {
    return Object.fromEntries(
      this.#declared.flatMap(({ name }) => (this.#isKnown(name) ? [[name, Object.fromEntries(this.#reflectors.get(name)?.entries() ?? [])]] : [])),
    );
  }

  missing(): FactName[] {
    return this.#declared.filter(({ name }) => !this.#isKnown(name)).map(({ name }): FactName => `cluster.${name}`);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const reflector of this.#reflectors.values()) reflector.stop();
  }

  #isKnown(name: string): boolean {
    const reflector = this.#reflectors.get(name);
    return reflector !== undefined && reflector.ageMillis() <= this.#options.staleMillis && reflector.size <= objectsMost;
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const [fact, { size }] of this.#reflectors) {
        if (size <= objectsMost) continue;
        this.#options.alarm("facts", "a rule pack reads more objects than fit, and does without them", { fact, objects: size, most: objectsMost });
      }
      for (const listener of this.#listeners) listener();
    }, settleMillis).unref();
  }
}

/** What a pack declared, read once: for commands. What may not be read, or is not served, stays missing. */
export async function readDeclared(api: ApiClient, declared: readonly DeclaredFact[]): Promise<Record<string, FactObjects>> {
  const known = await Promise.all(
    declared.map(async (fact): Promise<[string, FactObjects][]> => {
      try {
        const items = await api.list<{ metadata: { name: string; namespace?: string } }>(pathOf(fact));
        const keyed = items.map((item) => [[item.metadata.namespace, item.metadata.name].filter(Boolean).join("/"), projectFact(fact, item)]);
        return [[fact.name, Object.fromEntries(keyed)]];
      } catch (thrown) {
        if (isStatus(thrown, 403, 404)) return [];
        throw thrown;
      }
    }),
  );
  return Object.fromEntries(known.flat());
}

function pathOf({ apiVersion, resource }: DeclaredFact): string {
  return `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}/${resource}`;
}

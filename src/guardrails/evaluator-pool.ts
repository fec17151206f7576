import { Worker } from "node:worker_threads";
import { FirebreakError } from "../model/errors.ts";
import type { Answer, Question, Ready } from "./evaluation-worker.ts";
import type { Pack } from "./pack.ts";

export interface PoolOptions {
  readonly workers: number;
  /** How long one evaluation may run before its thread is ended, in milliseconds. */
  readonly evaluationMillis: number;
  /** How many questions may wait before a new one is answered "overloaded". */
  readonly maxQueue: number;
  readonly log: (message: string, fields: object) => void;
}

/** What one evaluation answered, and how long the module itself ran. */
export interface Evaluation {
  readonly result: unknown;
  readonly micros: number;
}

interface Job {
  readonly input: ArrayBuffer;
  readonly resolve: (evaluation: Evaluation) => void;
  readonly reject: (error: FirebreakError) => void;
}

interface Lane {
  readonly worker: Worker;
  current: { readonly id: number; readonly job: Job; readonly timer: NodeJS.Timeout } | undefined;
}

/** Enough heap for the rules' own host calls, and for the largest review that is accepted (16 MiB). */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

/** A thread that dies before it stands would die again at once. */
const restartMillis = 1000;

/**
 * Worker threads that evaluate one pack. Each thread has one question at a time, so that a stuck one harms nobody else;
 * one thread more than are used stands ready, because a new one takes a tenth of a second.
 */
export class EvaluatorPool {
  readonly #pack: Pack;
  readonly #options: PoolOptions;
  /** Threads that are not up yet: a question is timed from when it can be read, never from when its thread was made. */
  readonly #starting = new Set<Lane>();
  readonly #idle: Lane[] = [];
  readonly #busy = new Set<Lane>();
  readonly #queue: Job[] = [];
  #lastId = 0;
  #closed = false;

  constructor(pack: Pack, options: PoolOptions) {
    this.#pack = pack;
    this.#options = options;
    for (let count = 0; count <= options.workers; count += 1) this.#addLane();
  }

  /**
   * Evaluates one input. The bytes are copied to the thread.
   *
   * @throws FirebreakError FBR_OVERLOADED, FBR_DEADLINE (the thread was ended), FBR_EVALUATION_FAILED.
   */
  evaluate(input: ArrayBuffer): Promise<Evaluation> {
    if (this.#closed) return Promise.reject(new FirebreakError("FBR_OVERLOADED", "Firebreak is shutting down"));
    if (this.#queue.length >= this.#options.maxQueue) {
      return Promise.reject(new FirebreakError("FBR_OVERLOADED", `${this.#queue.length} reviews wait for evaluation`));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ input, resolve, reject });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(new FirebreakError("FBR_OVERLOADED", "Firebreak is shutting down"));
    await Promise.all([...this.#starting, ...this.#idle, ...this.#busy].map(({ worker }) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0 && this.#busy.size < this.#options.workers) {
      const lane = this.#idle.shift() as Lane;
      const job = this.#queue.shift() as Job;
      this.#lastId += 1;
      const id = this.#lastId;
      const timer = setTimeout(() => this.#endStuck(lane), this.#options.evaluationMillis);
      lane.current = { id, job, timer };
      this.#busy.add(lane);
      lane.worker.postMessage({ id, input: job.input } satisfies Question);
    }
  }

  #answered(lane: Lane, answer: Answer): void {
    const { current } = lane;
    if (current?.id !== answer.id) return;
    clearTimeout(current.timer);
    lane.current = undefined;
    this.#busy.delete(lane);
    this.#idle.push(lane);
    if ("error" in answer) current.job.reject(new FirebreakError("FBR_EVALUATION_FAILED", `evaluation of ${this.#name} failed: ${answer.error}`));
    else current.job.resolve({ result: answer.result, micros: answer.micros });
    this.#dispatch();
  }

  #endStuck(lane: Lane): void {
    const { evaluationMillis } = this.#options;
    this.#options.log("an evaluation was ended", { pack: this.#name, evaluationMillis });
    this.#drop(lane, new FirebreakError("FBR_DEADLINE", `${this.#name} did not answer within ${evaluationMillis} ms`));
  }

  #ready(lane: Lane): void {
    if (!this.#starting.delete(lane)) return;
    this.#idle.push(lane);
    this.#dispatch();
  }

  /** Takes a thread out, fails what it was working on, and puts a new thread in its place. */
  #drop(lane: Lane, error: FirebreakError): void {
    const neverStood = this.#starting.delete(lane);
    const wasIdle = this.#idle.indexOf(lane);
    if (wasIdle >= 0) this.#idle.splice(wasIdle, 1);
    if (!neverStood && wasIdle < 0 && !this.#busy.delete(lane)) return;
    if (lane.current) {
      clearTimeout(lane.current.timer);
      lane.current.job.reject(error);
      lane.current = undefined;
    }
    void lane.worker.terminate();
    if (this.#closed) return;
    if (neverStood) setTimeout(() => this.#closed || this.#addLane(), restartMillis).unref();
    else this.#addLane();
    this.#dispatch();
  }

  #addLane(): void {
    const worker = new Worker(new URL("./evaluation-worker.ts", import.meta.url), {
      workerData: { module: this.#pack.module, data: this.#pack.data },
      resourceLimits,
      stdout: true,
      stderr: true,
    });
    const lane: Lane = { worker, current: undefined };
    worker.stdout.on("data", (text) => this.#options.log("a pack printed", { pack: this.#name, text: String(text).slice(0, 500) }));
    worker.stderr.on("data", (text) => this.#options.log("a pack's runtime complained", { pack: this.#name, text: String(text).slice(0, 500) }));
    worker.on("message", (said: Answer | Ready) => (said === "ready" ? this.#ready(lane) : this.#answered(lane, said)));
    worker.on("error", (cause) =>
      this.#drop(lane, new FirebreakError("FBR_EVALUATION_FAILED", `the evaluator of ${this.#name} died: ${cause.message}`, { cause })),
    );
    worker.on("exit", () => this.#drop(lane, new FirebreakError("FBR_EVALUATION_FAILED", `the evaluator of ${this.#name} ended`)));
    worker.unref();
    this.#starting.add(lane);
  }

  get #name(): string {
    return this.#pack.catalogue.manifest.name;
  }
}

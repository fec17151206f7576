import { Worker } from "node:worker_threads";
import { FirebreakError } from "../model/errors.ts";
import type { Answer, Batch, NewData, Ready, Workplace } from "./evaluation-worker.ts";
import type { Pack, PackData } from "./pack.ts";

export interface PoolOptions {
  readonly workers: number;
  /** How long one evaluation may run before its thread is ended, in milliseconds; within a batch at most twice as long. */
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
  /** Evaluations that the thread began since it was made. */
  readonly begun: Int32Array;
  current: Work | undefined;
}

/** What a thread was given. */
interface Work {
  readonly jobs: readonly Job[];
  /** What `begun` was before. */
  readonly before: number;
  /** What `begun` was at the last look. */
  seen: number;
  timer: NodeJS.Timeout;
}

/** So few are not worth waking a second thread; more than so many wait for the next, because an answer comes with its whole batch. */
const batch = { least: 4, most: 16 } as const;

/** Enough heap for the rules' own host calls, and for the largest review that is accepted (16 MiB). */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

/** A thread that dies before it stands would die again at once. */
const restartMillis = 1000;

/**
 * Worker threads that evaluate one pack. What is asked within one turn of the event loop goes to a thread as one batch. Where an
 * evaluation is stuck, its thread is ended and the rest of its batch is asked again: it harms nobody else. One thread more
 * than are used stands ready, because a new one takes a tenth of a second.
 */
export class EvaluatorPool {
  readonly #pack: Pack;
  readonly #options: PoolOptions;
  /** Threads that are not up yet: a question is timed from when it can be read, never from when its thread was made. */
  readonly #starting = new Set<Lane>();
  readonly #idle: Lane[] = [];
  readonly #busy = new Set<Lane>();
  readonly #queue: Job[] = [];
  #turn: NodeJS.Immediate | undefined;
  #data: PackData;
  #closed = false;
  #markReady: () => void = () => {};
  readonly #firstReady: Promise<void>;

  constructor(pack: Pack, options: PoolOptions) {
    this.#pack = pack;
    this.#data = pack.data;
    this.#options = options;
    this.#firstReady = new Promise((resolve) => {
      this.#markReady = resolve;
    });
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
      this.#dispatchSoon();
    });
  }

  /** What the module reads as `data` from the next batch on; it is copied to each thread. */
  setData(data: PackData): void {
    this.#data = data;
    for (const { worker } of [...this.#starting, ...this.#idle, ...this.#busy]) worker.postMessage({ data } satisfies NewData);
  }

  /** Resolves once a thread stands ready. */
  ready(): Promise<void> {
    return this.#firstReady;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(new FirebreakError("FBR_OVERLOADED", "Firebreak is shutting down"));
    await Promise.all([...this.#starting, ...this.#idle, ...this.#busy].map(({ worker }) => worker.terminate()));
  }

  #dispatchSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    let free = Math.min(this.#idle.length, this.#options.workers - this.#busy.size);
    while (this.#queue.length > 0 && free > 0) {
      const share = Math.min(Math.max(Math.ceil(this.#queue.length / free), batch.least), batch.most);
      this.#give(this.#idle.shift() as Lane, this.#queue.splice(0, share));
      free -= 1;
    }
  }

  #give(lane: Lane, jobs: readonly Job[]): void {
    const before = Atomics.load(lane.begun, 0);
    // The first of them begins at once.
    lane.current = { jobs, before, seen: before + 1, timer: this.#watch(lane) };
    this.#busy.add(lane);
    lane.worker.postMessage(jobs.map(({ input }) => input) satisfies Batch);
  }

  #watch(lane: Lane): NodeJS.Timeout {
    return setTimeout(() => this.#lookAt(lane), this.#options.evaluationMillis);
  }

  /** An evaluation that runs since the last look is stuck; a thread that began another one is at work, and is looked at again. */
  #lookAt(lane: Lane): void {
    const { current } = lane;
    if (current === undefined) return;
    const begun = Atomics.load(lane.begun, 0);
    if (begun === current.seen) this.#endStuck(lane);
    else {
      current.seen = Math.max(begun, current.before + 1);
      current.timer = this.#watch(lane);
    }
  }

  #answered(lane: Lane, answers: readonly Answer[]): void {
    const { current } = lane;
    if (current === undefined) return;
    clearTimeout(current.timer);
    lane.current = undefined;
    this.#busy.delete(lane);
    this.#idle.push(lane);
    for (const [index, answer] of answers.entries()) {
      const job = current.jobs[index] as Job;
      if ("error" in answer) job.reject(new FirebreakError("FBR_EVALUATION_FAILED", `evaluation of ${this.#name} failed: ${answer.error}`));
      else job.resolve({ result: answer.result, micros: answer.micros });
    }
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
    this.#markReady();
    this.#dispatch();
  }

  /** Takes a thread out, fails what it was working on, and puts a new thread in its place. The rest of its batch is asked again. */
  #drop(lane: Lane, error: FirebreakError): void {
    const neverStood = this.#starting.delete(lane);
    const wasIdle = this.#idle.indexOf(lane);
    if (wasIdle >= 0) this.#idle.splice(wasIdle, 1);
    if (!neverStood && wasIdle < 0 && !this.#busy.delete(lane)) return;
    if (lane.current) {
      clearTimeout(lane.current.timer);
      this.#failRunning(lane.current, Atomics.load(lane.begun, 0), error);
      lane.current = undefined;
    }
    void lane.worker.terminate();
    if (this.#closed) return;
    if (neverStood) setTimeout(() => this.#closed || this.#addLane(), restartMillis).unref();
    else this.#addLane();
    this.#dispatch();
  }

  /** Fails the one evaluation that ran; the others go before all that wait. Where none had begun, or nothing is asked any more, all fail. */
  #failRunning({ jobs, before }: Work, begun: number, error: FirebreakError): void {
    const running = begun - before - 1;
    const onlyOne = running >= 0 && !this.#closed;
    for (const job of jobs.filter((_, index) => !onlyOne || index === running)) job.reject(error);
    if (onlyOne) this.#queue.unshift(...jobs.filter((_, index) => index !== running));
  }

  #addLane(): void {
    const begun = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const worker = new Worker(new URL("./evaluation-worker.ts", import.meta.url), {
      workerData: { module: this.#pack.module, data: this.#data, begun } satisfies Workplace,
      resourceLimits,
      stdout: true,
      stderr: true,
    });
    const lane: Lane = { worker, begun: new Int32Array(begun), current: undefined };
    worker.stdout.on("data", (text) => this.#options.log("a pack printed", { pack: this.#name, text: String(text).slice(0, 500) }));
    worker.stderr.on("data", (text) => this.#options.log("a pack's runtime complained", { pack: this.#name, text: String(text).slice(0, 500) }));
    worker.on("message", (said: readonly Answer[] | Ready) => (said === "ready" ? this.#ready(lane) : this.#answered(lane, said)));
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

// SPDX-License-Identifier: Apache-2.0
/** What a verb is: how it is called, what it does, and what it may do. */
import {
  buildCommand,
  type Command,
  type CommandContext,
  type TypedCommandParameters,
} from "@stricli/core";

/** A place that may be written to. */
export type Place =
  | "cache"
  | "reports"
  | "scratch"
  | "kernel"
  | "emulator"
  | "debian"
  | "hosts"
  | "experiments"
  | "workloads"
  /** A folder that somebody has named. */
  | `/${string}`
  /** The same, from the folder in which the lab was called. */
  | `./${string}`;

/** Variables that may be read; of others nothing is seen. See permissions.ts. */
export type Variables = "desktop" | "terminal" | "cache" | "programs" | "slurm";

/** What is looked at before a verb begins, and what it may do then. */
export interface Needs {
  /** Lists of Debian packages, tools/NAME-packages.txt. */
  packages?: readonly ("debian" | "test" | "lock")[];
  /** Only machines that the emulated host is built for will do. */
  emulates?: boolean;
  /** DuckDB as native code: fetched, or fetched and loaded into the process. */
  native?: "fetch" | "load";
  /** What may be read, if not everything: the checkout, or with it the cache. */
  read?: "checkout" | "cache";
  write?: readonly Place[];
  /** Starts other programs, all through setpriv(1): see base/process.ts. */
  run?: boolean;
  /** What of the system may be asked: names as Deno has them. */
  system?:
    readonly ("osRelease" | "systemMemoryInfo" | "statfs" | "hostname" | "cpus" | "loadavg")[];
  variables?: readonly Variables[];
  /** A port of this machine, 0 for any, on which it listens. */
  port?: number;
}

type Flags<F> = Readonly<Partial<Record<keyof F, unknown>>>;
type Arguments = readonly unknown[];

interface About {
  /** One line for lists. */
  summary: string;
  /** What else there is to say. */
  more?: string;
  /** Calls as they are typed after "./lab", each with what it does. */
  examples: readonly (readonly [call: string, does: string])[];
  /** What its exit statuses mean, beside 0 and 2. */
  exits?: Readonly<Record<number, string>>;
  /** It builds or measures, in the cache: see store/at_work.ts. */
  works?: true;
}

interface Definition<F extends Flags<F>, A extends Arguments, R> extends About {
  parameters: NoInfer<TypedCommandParameters<F, A, CommandContext>>;
  /**
   * What is asked for. It goes from one process to the next as JSON.
   *
   * @throws {LabError} when these arguments do not go together.
   */
  request: (flags: F, args: A, words: readonly string[]) => R;
  needs: (request: R) => Needs;
  /** Does it, and gives the exit status. Loaded when it is called, since a database takes time. */
  load: () => Promise<(request: R) => Promise<number>>;
}

/** A verb whose request only itself understands. */
export interface Verb extends About {
  /** Gives the request to whoever parses the command line. */
  command: (
    asked: (request: () => unknown) => void,
    words: readonly string[],
  ) => Command<CommandContext>;
  needs: (request: unknown) => Needs;
  carryOut: (request: unknown) => Promise<number>;
}

export function verb<F extends Flags<F>, A extends Arguments, R>(
  definition: Definition<F, A, R>,
): Verb {
  const { parameters, request, needs, load, ...about } = definition;
  const { summary, more } = about;
  return {
    ...about,
    command: (asked, words) =>
      buildCommand<F, A, CommandContext>({
        func: (flags, ...args) => asked(() => request(flags, args, words)),
        parameters,
        docs: { brief: summary, fullDescription: sentence(more ?? summary) },
      }),
    needs: (asked) => needs(asked as R),
    carryOut: async (asked) => await (await load())(asked as R),
  };
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

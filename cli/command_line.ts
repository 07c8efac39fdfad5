// SPDX-License-Identifier: Apache-2.0
/** The command line is parsed here, and only once: to a verb and what is asked of it, or to text. */
import {
  type Application,
  type ApplicationText,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  type CommandContext,
  formatMessageForArgumentScannerError,
  proposeCompletions,
  run,
  text_en,
} from "@stricli/core";
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";
import project from "../deno.json" with { type: "json" };
import { describeVerb, describeVerbs, shortMap } from "./help.ts";
import { manPage } from "./man.ts";
import { verbs } from "./table.ts";

/** What was asked for, ready to be handed on, or text that answers it at once. */
export type Parsed = { verb: string; request: unknown } | { show: string };

const wordsOfHelp = ["help", "-h", "--help"];

/** Asked by shells: see completion.ts. */
const completing = "complete";

/**
 * @throws {LabError} for whatever is wrong with the words, naming what is nearest to them.
 */
export async function parseCommandLine(words: readonly string[]): Promise<Parsed> {
  const [first, ...rest] = words;
  if (first === undefined) return { show: shortMap(project.version) };
  if (first === completing) {
    return { show: await proposals(rest[0] === "--" ? rest.slice(1) : rest) };
  }
  if (!wordsOfHelp.includes(first)) return await parse([first, ...rest]);
  if (rest.length === 1 && rest[0] === "--man") return { show: await wholeMan() };
  if (rest.length > 1) throw new LabError(`Cannot help with ${rest.join(" ")}: name one verb`);
  const named = rest.filter((word) => !wordsOfHelp.includes(word));
  for (const name of named) requireVerb(name);
  return named.length === 0 ? { show: describeVerbs(verbs) } : await parse([...named, "--help"]);
}

async function parse(words: readonly string[]): Promise<Parsed> {
  const [name = "", second] = words;
  if (name === "--version" && second !== undefined) {
    throw new LabError(`Cannot say the version: "${second}" is one word too many`);
  }
  if (!name.startsWith("-")) requireVerb(name);
  let asked: (() => unknown) | undefined;
  const said = { out: "", error: "" };
  const context = {
    process: {
      stdout: { write: (text: string) => void (said.out += text) },
      stderr: { write: (text: string) => void (said.error += text) },
    },
  };
  await run(applicationOf(words, (request) => asked = request), words, context);
  if (said.error !== "") {
    const [message = "", ...next] = said.error.trimEnd().split("\n");
    throw new LabError(message, next.length === 0 ? undefined : next.join("\n"));
  }
  if (asked !== undefined) return { verb: name, request: asked() };
  return {
    show: Object.hasOwn(verbs, name) ? describeVerb(said.out, verbs[name]!) : said.out.trimEnd(),
  };
}

/** The man page: all that help says. */
async function wholeMan(): Promise<string> {
  return manPage(
    await Promise.all(
      Object.entries(verbs).map(async ([name, { summary }]) => {
        const help = await parse([name, "--help"]);
        return { name, summary, help: "show" in help ? help.show : "" };
      }),
    ),
  );
}

function requireVerb(name: string): void {
  if (Object.hasOwn(verbs, name)) return;
  const near = nearestWord(name, Object.keys(verbs));
  throw new LabError(
    `Cannot do "${name}": there is no such verb`,
    near === undefined ? "./lab help lists the verbs" : `Did you mean "${near}"?`,
  );
}

/** The lab's own command line as the library sees it. */
export function applicationOf(
  words: readonly string[] = [],
  asked: (request: () => unknown) => void = () => {},
): Application<CommandContext> {
  const routes = Object.fromEntries(
    Object.entries(verbs).map(([name, verb]) => [name, verb.command(asked, words)]),
  );
  const docs = {
    brief: "Samepage Lab: what KSM's merging costs KVM hosts, measured to the digit.",
  };
  return buildApplication(buildRouteMap({ routes, docs }), {
    name: "./lab",
    versionInfo: { currentVersion: project.version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    localization: { text: textFor(words[0]) },
  });
}

/** The library's messages in the lab's words: what cannot be done, why, and what to do. */
function textFor(verb: string | undefined): ApplicationText {
  const next = `./lab help ${verb ?? ""} says how it is called`;
  const refusal = (reason: string, more = next) => `Cannot ${verb}: ${reason}\n${more}`;
  const meant = (word: string | undefined) => word === undefined ? next : `Did you mean "${word}"?`;
  return {
    ...text_en,
    headers: {
      usage: "Usage",
      aliases: "Also called",
      commands: "Verbs",
      flags: "Options",
      arguments: "Arguments",
    },
    keywords: { default: "default:", separator: "separated by" },
    briefs: {
      help: "say how it is called",
      helpAll: "say how it is called",
      version: "say which version this is",
      argumentEscapeSequence: "what follows is no option",
    },
    exceptionWhileParsingArguments: (error) =>
      error instanceof ArgumentScannerError
        ? formatMessageForArgumentScannerError(error, {
          FlagNotFoundError: ({ input, corrections }) =>
            `Cannot use "--${input}": there is no such option\n${
              meant(corrections[0] === undefined ? undefined : `--${corrections[0]}`)
            }`,
          AliasNotFoundError: ({ input }) =>
            `Cannot use "-${input}": there is no such option\n${next}`,
          ArgumentParseError: ({ exception }) => {
            if (!(exception instanceof LabError)) throw exception;
            return `${exception.message}\n${exception.next ?? next}`;
          },
          EnumValidationError: ({ externalFlagName, input, values }) =>
            refusal(
              `--${externalFlagName}: "${input}" is not one of ${values.join(", ")}`,
              meant(nearestWord(input, values)),
            ),
          UnexpectedFlagError: ({ externalFlagName }) =>
            refusal(`--${externalFlagName} is there twice`),
          UnexpectedPositionalError: ({ input }) => refusal(`"${input}" is one word too many`),
          UnsatisfiedFlagError: ({ externalFlagName }) =>
            refusal(`--${externalFlagName} needs a value`),
          UnsatisfiedPositionalError: ({ placeholder }) => refusal(`it needs ${placeholder}`),
        })
        : text_en.exceptionWhileParsingArguments.call({}, error, false),
  };
}

/** A line for each proposal: the word, a tab, what it is. */
async function proposals(words: readonly string[]): Promise<string> {
  const typed = words.at(-1) ?? "";
  /* "--set=gu" is "--set" and "gu". */
  const [, option, value] = /^(--[\w-]+)=(.*)$/s.exec(typed) ?? [];
  const before = words.slice(first(words) === "help" ? 1 : 0, -1);
  const asked = option === undefined ? [...before, typed] : [...before, option, value!];
  const prefix = option === undefined ? "" : `${option}=`;
  const silent = { write: () => {} };
  const context = { process: { stdout: silent, stderr: silent } };
  const found = await proposeCompletions(applicationOf(), asked, context);
  return found.map(({ completion, brief }) => `${prefix}${completion}\t${brief}`).join("\n");
}

/** The word in the place of a verb, unless it is the one that is still typed. */
function first(words: readonly string[]): string | undefined {
  return words.length > 1 ? words[0] : undefined;
}

import { type Configuration, completeConfiguration, loadConfiguration } from "../config/configuration.ts";

/** The configuration of a command: a file, or the defaults. A command listens nowhere, so that the endpoint is of no account. */
export function commandConfiguration(file: string | undefined): Promise<Configuration> {
  if (file !== undefined) return loadConfiguration(file);
  return Promise.resolve(completeConfiguration({ endpoint: { service: { name: "firebreak" } } }, "the defaults"));
}

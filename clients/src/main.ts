/** Runs the clients that are named: a line of JSON for each, and 1 where one of them met something unexpected. */

import { apollo } from "./apollo";
import { audits } from "./audits";
import { relay } from "./relay";
import { sockets } from "./sockets";
import { urql } from "./urql";
import { world } from "./world";

const CLIENTS = { audits, apollo, urql, relay, sockets };

async function main(): Promise<void> {
  for (const name of process.argv.slice(2) as (keyof typeof CLIENTS)[]) {
    const failure = await CLIENTS[name](world()).then(
      () => null,
      (error: Error) => error.stack ?? String(error),
    );
    if (failure) process.exitCode = 1;
    console.log(JSON.stringify({ client: name, failure }));
  }
}

void main();

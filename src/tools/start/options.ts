import { Command, InvalidArgumentError } from 'commander';

export interface StartOptions {
  readonly brokers: number;
  readonly dataDirectory: string;
  readonly zookeeperPort: number;
  /** Port of the first broker; the others take the next ones. */
  readonly port: number;
  readonly host: string;
  /** Properties given to every broker, such as `num.partitions=3`. */
  readonly overrides: readonly string[];
}

/** Parses what follows `npm start --`; prints help or an error and ends the process where commander does. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const command = new Command('npm start --')
    .description('Starts ZooKeeper and brokers on this machine, for development.')
    .option('--brokers <count>', 'how many brokers, 1 to 9', wholeNumber(1, 9), 3)
    .option('--data <folder>', 'where everything is kept', 'data')
    .option('--port <port>', 'port of broker 1; the others take the next ones', wholeNumber(1, 65_535), 9092)
    .option('--zookeeper-port <port>', 'port of ZooKeeper', wholeNumber(1, 65_535), 2181)
    .option('--host <address>', 'address to listen on and to advertise', '127.0.0.1')
    .option('--override <name=value>', 'a property for every broker; may be repeated', (value: string, before: string[]) => [...before, value], [])
    .parse(args, { from: 'user' });
  const { brokers, data, port, zookeeperPort, host, override } = command.opts<{
    brokers: number;
    data: string;
    port: number;
    zookeeperPort: number;
    host: string;
    override: string[];
  }>();
  return { brokers, dataDirectory: data, port, zookeeperPort, host, overrides: override };
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted`);
    return value;
  };
}

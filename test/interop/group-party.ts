import type { Producer } from '../../src/client/index.ts';
import { startMember } from './group-members.ts';
import type { GroupMember, Ledger, Library } from './group-members.ts';
import { until } from './until.ts';

/** Of each group's topic. */
export const partitions = 6;

/**
 * The first member is a static one, but for kafkajs, which has none (and no assignor that the others know). The assignors of
 * kafka-python 3.0.12 forget members where static and other ones alternate, so that there all three are static.
 */
const instanceOf = (library: Library, index: number): string | undefined => (library !== 'kafkajs' && (index === 0 || library === 'kafka-python') ? `static-${index}` : undefined);

/** A group of consumers and its topic: what its members are told, what they read, and what they ought to have read. */
export class Party {
  readonly name: string;
  readonly topic: string;
  readonly group: string;
  /** All members there ever were. */
  readonly all: GroupMember[] = [];
  readonly ledger: Ledger = { committed: new Set(), readAgain: [] };
  readonly #first: readonly Library[];
  readonly #joiners: readonly Library[];
  readonly #bootstrap: string;
  #present: GroupMember[] = [];
  #produced = 0;

  /**
   * @param first the three members of the beginning
   * @param joiners who joins later
   */
  constructor(name: string, bootstrap: string, first: readonly Library[], joiners: readonly Library[]) {
    this.name = name;
    this.topic = `topic-${name}`;
    this.group = `group-${name}`;
    this.#bootstrap = bootstrap;
    this.#first = first;
    this.#joiners = joiners;
  }

  /** The three members share the partitions. */
  async begin(): Promise<void> {
    this.#present = this.#first.map((library, index) => this.#start(library, instanceOf(library, index)));
    await this.#shared();
  }

  /**
   * A static member is killed and comes back with the same partitions, while the others keep theirs. Where one of them was late with
   * a heartbeat there was a rebalance all the same, and it is tried again.
   */
  async restartStatic(): Promise<void> {
    const [{ library }, ...others] = this.#present as [GroupMember, ...GroupMember[]];
    const instance = instanceOf(library, 0);
    if (instance === undefined) return;
    const told = (): string => others.map(({ assignments }) => assignments).join();
    for (let turn = 0; turn < 3; turn++) {
      const before = this.#present[0]!.assigned().join();
      const toldBefore = told();
      await this.#present[0]!.kill();
      this.#present = [this.#start(library, instance), ...others];
      await this.#shared();
      if (this.#present[0]!.assigned().join() === before && told() === toldBefore) return;
    }
    throw new Error(`the static member did not come back without a rebalance: ${this.describe()}`);
  }

  /** One member is killed, then another leaves; the first goes on alone. */
  async loseTwo(): Promise<void> {
    const [one, two, three] = this.#present as [GroupMember, GroupMember, GroupMember];
    await three.kill();
    this.#present = [one, two];
    await this.#shared();
    this.#present = [one];
    two.process.kill('SIGTERM');
    await until(() => this.describe(), () => two.hasLeft && this.#isShared());
  }

  async join(): Promise<void> {
    for (const library of this.#joiners) {
      this.#present.push(this.#start(library));
      await this.#shared();
    }
  }

  async leave(): Promise<void> {
    await this.#shared();
    for (const { process: child } of this.#present) child.kill('SIGTERM');
    await until(() => this.describe(), () => this.#present.every(({ hasLeft }) => hasLeft));
  }

  /** Ten more records in each partition are written, read, and committed. */
  async produceAndRead(producer: Producer, label: string): Promise<void> {
    await Promise.all(Array.from({ length: partitions * 10 }, (_, index) => producer.send({ topic: this.topic, partition: index % partitions, value: `${label} ${index}` })));
    this.#produced += partitions * 10;
    const everything = (): number => new Set(this.all.flatMap(({ read }) => read)).size;
    await until(() => `${everything()} of ${this.#produced} are read: ${this.describe()}`, () => everything() === this.#produced && this.all.every((member) => member.hasCommitted || member.process.killed));
  }

  kill(): Promise<unknown> {
    return Promise.all(this.all.map((member) => member.kill()));
  }

  describe(): string {
    return `${this.name}\n${this.all.map((member) => `[${member.assigned().join()}] ${member.library}: ${member.read.length} read ${member.output().slice(-300)}`).join('\n')}`;
  }

  #start(library: Library, instance?: string): GroupMember {
    const member = startMember(library, this.#bootstrap, this.group, this.topic, { ledger: this.ledger, instance });
    this.all.push(member);
    return member;
  }

  /** The partitions are shared out, some to each of those who are there. */
  #isShared(): boolean {
    const shares = this.#present.map((member) => member.assigned());
    return shares.every((share) => share.length > 0) && shares.flat().sort().join() === Array.from({ length: partitions }, (_, index) => index).join();
  }

  async #shared(): Promise<void> {
    await until(() => this.describe(), () => this.#isShared());
  }
}

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Transactions, one after the other, of some producers at once: TransactionalLoad BOOTSTRAP TOPIC PRODUCERS RECORDS BYTES SECONDS,
 * with RECORDS of BYTES in each transaction. Prints the transactions, the seconds they took, and p50 and p99 in milliseconds of
 * a commit, which includes what was not yet sent; the first second is not counted.
 */
public final class TransactionalLoad {
    private static final long WARM_UP_NANOS = 1_000_000_000L;

    public static void main(String[] arguments) throws Exception {
        int producers = Integer.parseInt(arguments[2]);
        long seconds = Long.parseLong(arguments[5]);
        List<List<Long>> commits = new ArrayList<>();
        List<KafkaProducer<byte[], byte[]>> open = new ArrayList<>();
        for (int index = 0; index < producers; index++) {
            Properties properties = new Properties();
            properties.put("bootstrap.servers", arguments[0]);
            properties.put("transactional.id", arguments[1] + "-" + producers + "-" + index);
            for (String kind : List.of("key", "value")) properties.put(kind + ".serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
            KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties);
            producer.initTransactions();
            open.add(producer);
            commits.add(new ArrayList<>());
        }
        long countFrom = System.nanoTime() + WARM_UP_NANOS;
        long end = countFrom + seconds * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        for (int index = 0; index < producers; index++) {
            KafkaProducer<byte[], byte[]> producer = open.get(index);
            List<Long> taken = commits.get(index);
            Thread thread = new Thread(() -> run(producer, arguments[1], Integer.parseInt(arguments[3]), new byte[Integer.parseInt(arguments[4])], countFrom, end, taken));
            thread.setUncaughtExceptionHandler((failed, error) -> {
                error.printStackTrace();
                System.exit(1);
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        double took = (System.nanoTime() - countFrom) / 1e9;
        for (KafkaProducer<byte[], byte[]> producer : open) producer.close();
        long[] all = commits.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
        Arrays.sort(all);
        System.out.println(all.length + " " + took + " " + all[all.length / 2] / 1e6 + " " + all[(int) (all.length * 0.99)] / 1e6);
    }

    private static void run(KafkaProducer<byte[], byte[]> producer, String topic, int records, byte[] value, long countFrom, long end, List<Long> taken) {
        while (System.nanoTime() < end) {
            producer.beginTransaction();
            for (int index = 0; index < records; index++) producer.send(new ProducerRecord<>(topic, value));
            long before = System.nanoTime();
            producer.commitTransaction();
            long after = System.nanoTime();
            if (after >= countFrom) taken.add(after - before);
        }
    }
}

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** The same as transactional_copier.py: TransactionalCopier BOOTSTRAP INPUT OUTPUT MOST. */
public final class TransactionalCopier {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final String output;
    private final int mostPerTransaction;
    private final Random random = new Random();

    private TransactionalCopier(String bootstrap, String input, String output, int mostPerTransaction) {
        this.output = output;
        this.mostPerTransaction = mostPerTransaction;
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("transactional.id", "java-" + output);
        properties.put("transaction.timeout.ms", "20000");
        properties.put("group.id", "java-" + output);
        properties.put("group.instance.id", "java");
        properties.put("session.timeout.ms", "30000");
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        properties.put("max.poll.records", String.valueOf(mostPerTransaction));
        for (String kind : List.of("key", "value")) {
            properties.put(kind + ".serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
            properties.put(kind + ".deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        }
        producer = new KafkaProducer<>(properties);
        consumer = new KafkaConsumer<>(properties);
        consumer.subscribe(List.of(input));
    }

    public static void main(String[] arguments) {
        TransactionalCopier copier = new TransactionalCopier(arguments[0], arguments[1], arguments[2], Integer.parseInt(arguments[3]));
        copier.producer.initTransactions();
        while (true) copier.copySome();
    }

    /** One transaction of some of the records that came; for the others the reader goes back. */
    private void copySome() {
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        int wanted = 1 + random.nextInt(mostPerTransaction);
        int count = 0;
        var records = consumer.poll(Duration.ofMillis(500));
        if (records.isEmpty()) return;
        producer.beginTransaction();
        try {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (count == wanted) break;
                producer.send(new ProducerRecord<>(output, record.partition(), record.key(), record.value()));
                next.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
                count++;
            }
            if (random.nextInt(10) == 0) {
                producer.flush();
                throw new KafkaException("as if the work had failed");
            }
            producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
            commit();
            System.out.println("committed " + count);
        } catch (KafkaException failure) {
            System.err.println("failed: " + failure);
            producer.abortTransaction(); // throws where the failure was fatal: the end of this process
            System.out.println("aborted " + count);
        }
        goBack();
    }

    /** What has timed out may be asked again, and has the same answer. */
    private void commit() {
        while (true) {
            try {
                producer.commitTransaction();
                return;
            } catch (TimeoutException again) {
                System.err.println("commit: " + again);
            }
        }
    }

    private void goBack() {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
        for (TopicPartition partition : consumer.assignment()) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset == null) consumer.seekToBeginning(List.of(partition));
            else consumer.seek(partition, offset);
        }
    }
}

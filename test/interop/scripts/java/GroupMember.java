import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** The same as group_member.py: GroupMember BOOTSTRAP GROUP TOPIC [INSTANCE]. */
public final class GroupMember {
    private static volatile boolean running = true;

    public static void main(String[] arguments) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties(arguments));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            running = false;
            consumer.wakeup();
            try {
                main.join();
            } catch (InterruptedException interruption) {
                System.out.println(interruption);
            }
        }));
        consumer.subscribe(List.of(arguments[2]), new Teller());
        while (running) {
            try {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    System.out.println(record.partition() + ":" + record.offset());
                    commit(consumer, record);
                }
            } catch (WakeupException end) {
                break;
            }
        }
        consumer.close();
        System.out.println("left");
    }

    private static void commit(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
        try {
            consumer.commitSync(Map.of(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1)));
            System.out.println("committed " + record.partition() + ":" + record.offset());
        } catch (WakeupException end) {
            throw end;
        } catch (KafkaException failure) {
            System.out.println("commit failed: " + failure);
        }
    }

    private static Properties properties(String[] arguments) {
        boolean isStatic = arguments.length > 3;
        Properties properties = new Properties();
        properties.put("bootstrap.servers", arguments[0]);
        properties.put("group.id", arguments[1]);
        properties.put("client.id", "java");
        if (isStatic) properties.put("group.instance.id", arguments[3]);
        properties.put("session.timeout.ms", isStatic ? "30000" : "6000");
        properties.put("heartbeat.interval.ms", "500");
        properties.put("metadata.max.age.ms", "2000");
        properties.put("fetch.max.wait.ms", "200");
        properties.put("max.poll.records", "1");
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        return properties;
    }

    private static final class Teller implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            System.out.println("assigned " + assigned.stream().map(TopicPartition::partition).sorted().map(String::valueOf).collect(Collectors.joining(",")));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            System.out.println("assigned ");
        }
    }
}

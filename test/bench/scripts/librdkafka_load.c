/*
 * The smallest program around librdkafka that keeps a broker busy:
 *
 *   librdkafka_load produce TOPIC RECORDS PAYLOAD-FILE [PROPERTY=VALUE ...]
 *   librdkafka_load consume TOPIC RECORDS [PROPERTY=VALUE ...]
 *
 * Prints one line of numbers: records, seconds, and when producing p50, p95, p99 and p99.9 in milliseconds, from the call of
 * produce to the acknowledgement, of every 64th record. What it needs of the library is declared here, since the shared
 * library is there wherever kcat is, and its header is not.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/types.h>

typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_conf_s rd_kafka_conf_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_topic_partition_list_s rd_kafka_topic_partition_list_t;
typedef struct {
    int err;
    rd_kafka_topic_t *topic;
    int32_t partition;
    void *payload;
    size_t length;
    void *key;
    size_t key_length;
    int64_t offset;
    void *opaque;
} rd_kafka_message_t;

enum { producer_type, consumer_type };
enum { error_partition_eof = -191 };

extern rd_kafka_conf_t *rd_kafka_conf_new(void);
extern int rd_kafka_conf_set(rd_kafka_conf_t *, const char *name, const char *value, char *error, size_t size);
extern void rd_kafka_conf_set_dr_msg_cb(rd_kafka_conf_t *, void (*)(rd_kafka_t *, const rd_kafka_message_t *, void *));
extern rd_kafka_t *rd_kafka_new(int type, rd_kafka_conf_t *, char *error, size_t size);
extern rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *, const char *name, void *conf);
extern int rd_kafka_produce(rd_kafka_topic_t *, int32_t partition, int flags, void *payload, size_t length, const void *key, size_t key_length, void *opaque);
extern int rd_kafka_poll(rd_kafka_t *, int timeout_ms);
extern int rd_kafka_flush(rd_kafka_t *, int timeout_ms);
extern const char *rd_kafka_err2str(int);
extern rd_kafka_topic_partition_list_t *rd_kafka_topic_partition_list_new(int size);
extern void *rd_kafka_topic_partition_list_add(rd_kafka_topic_partition_list_t *, const char *topic, int32_t partition);
extern int rd_kafka_subscribe(rd_kafka_t *, const rd_kafka_topic_partition_list_t *);
extern int rd_kafka_poll_set_consumer(rd_kafka_t *);
extern rd_kafka_queue_t *rd_kafka_queue_get_consumer(rd_kafka_t *);
extern ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *, int timeout_ms, rd_kafka_message_t **, size_t);
extern void rd_kafka_message_destroy(rd_kafka_message_t *);
extern int rd_kafka_consumer_close(rd_kafka_t *);

enum { sample_every = 64, batch_most = 10000, idle_ms = 20000 };

static double *latencies;
static size_t samples;
static long acknowledged;

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client;
    (void)opaque;
    if (message->err != 0) fail("not acknowledged", rd_kafka_err2str(message->err));
    acknowledged++;
    if (message->opaque == NULL) return;
    double *sent = message->opaque;
    *sent = now_seconds() - *sent;
}

static int by_value(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return a < b ? -1 : a > b;
}

static rd_kafka_t *client_of(int type, int count, char **properties) {
    char error[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (int index = 0; index < count; index++) {
        char *value = strchr(properties[index], '=');
        if (value == NULL) fail(properties[index], "is no PROPERTY=VALUE");
        *value++ = '\0';
        if (rd_kafka_conf_set(conf, properties[index], value, error, sizeof error) != 0) fail(properties[index], error);
    }
    if (type == producer_type) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);
    if (client == NULL) fail("no client", error);
    return client;
}

static char **lines_of(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail(path, "cannot be opened");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    if (fread(text, 1, (size_t)size, file) != (size_t)size) fail(path, "cannot be read");
    text[size] = '\0';
    char **lines = malloc(sizeof(char *) * ((size_t)size / 2 + 1));
    *count = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) lines[(*count)++] = line;
    return lines;
}

static void produce(const char *topic, long records, const char *payloads, int count, char **properties) {
    size_t lines_count;
    char **lines = lines_of(payloads, &lines_count);
    size_t length = strlen(lines[0]);
    latencies = calloc((size_t)records / sample_every + 1, sizeof(double));
    rd_kafka_t *client = client_of(producer_type, count, properties);
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    double start = now_seconds();
    for (long sent = 0; sent < records; sent++) {
        double *sample = NULL;
        if (sent % sample_every == 0) {
            sample = &latencies[samples++];
            *sample = now_seconds();
        }
        while (rd_kafka_produce(handle, -1, 0, lines[(size_t)sent % lines_count], length, NULL, 0, sample) != 0) rd_kafka_poll(client, 1);
        if (sent % 256 == 0) rd_kafka_poll(client, 0);
    }
    rd_kafka_flush(client, 60000);
    double seconds = now_seconds() - start;
    if (acknowledged != records) fail("not acknowledged", "some records");
    qsort(latencies, samples, sizeof(double), by_value);
    printf("%ld %f", acknowledged, seconds);
    double shares[] = {0.5, 0.95, 0.99, 0.999};
    for (int index = 0; index < 4; index++) printf(" %f", latencies[(size_t)((double)(samples - 1) * shares[index])] * 1000);
    printf("\n");
}

static void consume(const char *topic, long records, int count, char **properties) {
    rd_kafka_t *client = client_of(consumer_type, count, properties);
    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, -1);
    if (rd_kafka_subscribe(client, topics) != 0) fail("not subscribed", topic);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);
    rd_kafka_message_t **messages = malloc(sizeof(rd_kafka_message_t *) * batch_most);
    long received = 0;
    double start = 0, last = now_seconds();
    while (received < records) {
        ssize_t got = rd_kafka_consume_batch_queue(queue, 100, messages, batch_most);
        if (got > 0) last = now_seconds();
        else if ((now_seconds() - last) * 1000 > idle_ms) fail("nothing came", "for 20 s");
        if (got > 0 && start == 0) start = last;
        for (ssize_t index = 0; index < got; index++) {
            if (messages[index]->err == 0) received++;
            else if (messages[index]->err != error_partition_eof) fail("an error came", rd_kafka_err2str(messages[index]->err));
            rd_kafka_message_destroy(messages[index]);
        }
    }
    printf("%ld %f\n", received, now_seconds() - start);
    rd_kafka_consumer_close(client);
}

int main(int count, char **arguments) {
    if (count >= 5 && strcmp(arguments[1], "produce") == 0) produce(arguments[2], atol(arguments[3]), arguments[4], count - 5, arguments + 5);
    else if (count >= 4 && strcmp(arguments[1], "consume") == 0) consume(arguments[2], atol(arguments[3]), count - 4, arguments + 4);
    else fail("usage", "produce TOPIC RECORDS PAYLOAD-FILE [PROPERTY=VALUE ...] | consume TOPIC RECORDS [PROPERTY=VALUE ...]");
    return 0;
}

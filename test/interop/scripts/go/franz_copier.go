package main

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// copyWithFranz lets the library's own session tie what it consumes to what it produces.
func copyWithFranz(bootstrap []string, input, output string, mostPerTransaction int) {
	name := "franz-go-" + output
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(bootstrap...),
		kgo.ConsumerGroup(name),
		kgo.InstanceID(name),
		kgo.SessionTimeout(30*time.Second),
		kgo.TransactionalID(name),
		kgo.TransactionTimeout(20*time.Second),
		kgo.ConsumeTopics(input),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.RequireStableFetchOffsets(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MetadataMinAge(250*time.Millisecond),
	)
	must(err)
	random := rand.New(rand.NewSource(time.Now().UnixNano()))
	background := context.Background()
	for {
		fetches := session.PollRecords(background, 1+random.Intn(mostPerTransaction))
		for _, failure := range fetches.Errors() {
			fmt.Fprintln(os.Stderr, "fetch:", failure.Err)
		}
		records := fetches.Records()
		if len(records) == 0 {
			continue
		}
		must(session.Begin())
		failure := kgo.AbortingFirstErrPromise(session.Client())
		for _, record := range records {
			session.Produce(background, &kgo.Record{Topic: output, Partition: record.Partition, Key: record.Key, Value: record.Value}, failure.Promise())
		}
		if failure.Err() != nil {
			fmt.Fprintln(os.Stderr, "produce:", failure.Err())
		}
		isCommitted, err := session.End(background, kgo.TransactionEndTry(failure.Err() == nil && random.Float64() >= 0.1))
		must(err)
		if isCommitted {
			fmt.Println("committed", len(records))
		} else {
			fmt.Println("aborted", len(records))
		}
	}
}

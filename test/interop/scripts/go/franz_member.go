package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func readWithFranz(wanted member, stop <-chan os.Signal) {
	tellNone := func(context.Context, *kgo.Client, map[string][]int32) { tellAssigned(nil) }
	options := []kgo.Opt{
		kgo.SeedBrokers(wanted.bootstrap...),
		kgo.ClientID("franz-go"),
		kgo.ConsumerGroup(wanted.group),
		kgo.ConsumeTopics(wanted.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.SessionTimeout(wanted.sessionTimeout()),
		kgo.HeartbeatInterval(500 * time.Millisecond),
		kgo.RebalanceTimeout(20 * time.Second),
		kgo.MetadataMinAge(250 * time.Millisecond),
		kgo.MetadataMaxAge(2 * time.Second),
		kgo.FetchMaxWait(200 * time.Millisecond),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, added map[string][]int32) { tellAssigned(added[wanted.topic]) }),
		kgo.OnPartitionsRevoked(tellNone),
		kgo.OnPartitionsLost(tellNone),
	}
	if wanted.instance != "" {
		options = append(options, kgo.InstanceID(wanted.instance))
	}
	client, err := kgo.NewClient(options...)
	must(err)
	running, end := context.WithCancel(context.Background())
	go func() {
		<-stop
		end()
	}()
	for running.Err() == nil {
		records := client.PollRecords(running, 1).Records()
		for _, record := range records {
			fmt.Printf("%d:%d\n", record.Partition, record.Offset)
		}
		if len(records) > 0 {
			if err := client.CommitRecords(context.Background(), records...); err != nil {
				fmt.Println("commit failed:", err)
			} else {
				fmt.Printf("committed %d:%d\n", records[0].Partition, records[0].Offset)
			}
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
}

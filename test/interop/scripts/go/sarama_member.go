package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
)

// saramaReader commits each record, and asks the coordinator whether it has: sarama's own Commit does not say.
type saramaReader struct {
	client sarama.Client
	admin  sarama.ClusterAdmin
	wanted member
}

func readWithSarama(wanted member, stop <-chan os.Signal) {
	config := sarama.NewConfig()
	config.ClientID = "sarama"
	config.Version = sarama.V2_8_0_0
	config.Metadata.RefreshFrequency = 2 * time.Second
	config.Consumer.MaxWaitTime = 200 * time.Millisecond
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Group.InstanceId = wanted.instance
	config.Consumer.Group.Session.Timeout = wanted.sessionTimeout()
	config.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	config.Consumer.Group.Rebalance.Timeout = 20 * time.Second
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
	client, err := sarama.NewClient(wanted.bootstrap, config)
	must(err)
	admin, err := sarama.NewClusterAdminFromClient(client)
	must(err)
	group, err := sarama.NewConsumerGroupFromClient(wanted.group, client)
	must(err)
	running, end := context.WithCancel(context.Background())
	go func() {
		<-stop
		end()
	}()
	reader := &saramaReader{client: client, admin: admin, wanted: wanted}
	for running.Err() == nil {
		if err := group.Consume(running, []string{wanted.topic}, reader); err != nil {
			fmt.Fprintln(os.Stderr, "consume:", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
	if err := group.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "close:", err)
	}
}

func (reader *saramaReader) Setup(session sarama.ConsumerGroupSession) error {
	tellAssigned(append([]int32(nil), session.Claims()[reader.wanted.topic]...))
	return nil
}

func (reader *saramaReader) Cleanup(sarama.ConsumerGroupSession) error {
	tellAssigned(nil)
	return nil
}

func (reader *saramaReader) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case <-session.Context().Done():
			return nil
		case message, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			fmt.Printf("%d:%d\n", message.Partition, message.Offset)
			session.MarkMessage(message, "")
			for session.Commit(); session.Context().Err() == nil; session.Commit() {
				if reader.hasCommitted(message) {
					fmt.Printf("committed %d:%d\n", message.Partition, message.Offset)
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
		}
	}
}

func (reader *saramaReader) hasCommitted(message *sarama.ConsumerMessage) bool {
	offsets, err := reader.admin.ListConsumerGroupOffsets(reader.wanted.group, map[string][]int32{message.Topic: {message.Partition}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "committed:", err)
		if err := reader.client.RefreshCoordinator(reader.wanted.group); err != nil {
			fmt.Fprintln(os.Stderr, "coordinator:", err)
		}
		return false
	}
	block := offsets.GetBlock(message.Topic, message.Partition)
	return block != nil && block.Err == sarama.ErrNoError && block.Offset > message.Offset
}

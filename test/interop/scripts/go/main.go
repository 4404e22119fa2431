// Clients in Go, which do as the scripts beside this folder do:
//
//	clients member LIBRARY BOOTSTRAP GROUP TOPIC [INSTANCE]   as group_member.py
//	clients copier BOOTSTRAP INPUT OUTPUT MOST                as transactional_copier.py, with franz-go
package main

import (
	"fmt"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// member is what one member of a group was told to be.
type member struct {
	bootstrap []string
	group     string
	topic     string
	instance  string
}

func main() {
	arguments := os.Args[1:]
	if len(arguments) == 5 && arguments[0] == "copier" {
		most, err := strconv.Atoi(arguments[4])
		must(err)
		copyWithFranz(strings.Split(arguments[1], ","), arguments[2], arguments[3], most)
		return
	}
	if len(arguments) < 5 || arguments[0] != "member" {
		fmt.Fprintln(os.Stderr, "usage: clients member LIBRARY BOOTSTRAP GROUP TOPIC [INSTANCE] | copier BOOTSTRAP INPUT OUTPUT MOST")
		os.Exit(2)
	}
	wanted := member{bootstrap: strings.Split(arguments[2], ","), group: arguments[3], topic: arguments[4]}
	if len(arguments) > 5 {
		wanted.instance = arguments[5]
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	if arguments[1] == "sarama" {
		readWithSarama(wanted, stop)
	} else {
		readWithFranz(wanted, stop)
	}
	fmt.Println("left")
}

// sessionTimeout is short, that a killed member is missed soon; a static one has time to come back.
func (wanted member) sessionTimeout() time.Duration {
	if wanted.instance != "" {
		return 30 * time.Second
	}
	return 6 * time.Second
}

func tellAssigned(partitions []int32) {
	sort.Slice(partitions, func(one, other int) bool { return partitions[one] < partitions[other] })
	names := make([]string, len(partitions))
	for index, partition := range partitions {
		names[index] = strconv.Itoa(int(partition))
	}
	fmt.Println("assigned " + strings.Join(names, ","))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

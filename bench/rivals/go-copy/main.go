// The rival of the bench: what a skilled engineer would write by hand. A franz-go consumer feeds a franz-go producer,
// record by record; idempotent; partition, key, value, headers and timestamp are kept.
//
//	go-copy -source HOST:PORT -target HOST:PORT -topic NAME -out NAME [-compression none|lz4|zstd] [-records N]
//
// With -records it ends when that many records were acknowledged; without, it copies until it is told to stop.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type options struct {
	source, target, topic, out, compression string
	records                                 int64
}

func main() {
	var o options
	flag.StringVar(&o.source, "source", "", "bootstrap server to read from")
	flag.StringVar(&o.target, "target", "", "bootstrap server to write to")
	flag.StringVar(&o.topic, "topic", "", "topic to read")
	flag.StringVar(&o.out, "out", "", "topic to write")
	flag.StringVar(&o.compression, "compression", "none", "codec of the batches written")
	flag.Int64Var(&o.records, "records", 0, "end after this many records; 0: never")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "go-copy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	consumer, err := kgo.NewClient(
		kgo.SeedBrokers(o.source),
		kgo.ConsumeTopics(o.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxBytes(50<<20),
		kgo.FetchMaxPartitionBytes(4<<20),
	)
	if err != nil {
		return err
	}
	defer consumer.Close()
	codec, err := codecOf(o.compression)
	if err != nil {
		return err
	}
	producer, err := kgo.NewClient(
		kgo.SeedBrokers(o.target),
		kgo.DefaultProduceTopic(o.out),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codec),
		kgo.ProducerBatchMaxBytes(1_000_000),
		kgo.ProducerLinger(linger(o)),
		kgo.MaxBufferedRecords(50_000),
	)
	if err != nil {
		return err
	}
	defer producer.Close()
	return relay(ctx, consumer, producer, o.records)
}

// linger: batching pays while there is a backlog; when following live records it would only add delay.
func linger(o options) time.Duration {
	if o.records > 0 {
		return 5 * time.Millisecond
	}
	return 0
}

func codecOf(name string) (kgo.CompressionCodec, error) {
	switch name {
	case "none":
		return kgo.NoCompression(), nil
	case "lz4":
		return kgo.Lz4Compression(), nil
	case "zstd":
		return kgo.ZstdCompression(), nil
	}
	return kgo.NoCompression(), fmt.Errorf("unknown codec %q", name)
}

func relay(ctx context.Context, consumer, producer *kgo.Client, wanted int64) error {
	var taken int64
	var failed atomic.Pointer[error]
	acknowledged := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
	}
	for wanted == 0 || taken < wanted {
		fetches := consumer.PollFetches(ctx)
		if ctx.Err() != nil {
			break
		}
		if errs := fetches.Errors(); len(errs) > 0 {
			return errs[0].Err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			taken++
			producer.Produce(ctx, &kgo.Record{
				Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp,
			}, acknowledged)
		})
		if err := failed.Load(); err != nil {
			return *err
		}
	}
	if err := producer.Flush(context.Background()); err != nil {
		return err
	}
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

package support

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"syncbox/sync/store"
)

// Buckets of the file.
const (
	bucketLog    = "log"    // order id → Entry
	bucketOutbox = "outbox" // number → Message
	bucketSeq    = "seq"    // role → number
	bucketSelf   = "self"   // name → value
)

// Names in bucketSelf.
const (
	keySession = "session" // the first one that was not given away yet
	keyNext    = "next"    // number of the next message
	keyLost    = "lost"    // there is a file before this one, which could not be read
	keyWish    = "wish"    // Standing
	keyErased  = "erased"  // a full reset was done, and not taken up yet
	keyHome    = "home"    // Home
	keyKnown   = "known"   // Home Assistant may know the box
)

// sessionBlock: sessions are given away in blocks, so that a box that tries again and again does not wear its card.
const sessionBlock = 64

// Store is the memory of the channel. It may be used by several goroutines. What it says it has kept is durable.
type Store struct {
	kv      store.KV
	dropped atomic.Int64
	full    atomic.Bool // the last message took the place of another one
	post    chan struct{}

	begins sync.Mutex // held while a session is begun; taken before mu, which is not held while anything is written

	mu      sync.Mutex // protects what follows
	session struct{ now, end uint64 }
	fleet   Standing
	fleeing []Message // what a power cut may take
	number  uint64    // of the last one of fleeing
}

// OpenStore takes up what a file holds.
func OpenStore(kv store.KV) (*Store, error) {
	s := &Store{kv: kv, post: make(chan struct{}, 1)}
	err := kv.View(func(tx store.Tx) error {
		s.session.now = number(tx.Get(bucketSelf, []byte(keySession)))
		if b := tx.Get(bucketSelf, []byte(keyWish)); b != nil {
			return json.Unmarshal(b, &s.fleet)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read memory of the support channel: %w", err)
	}
	s.session.end = s.session.now
	return s, nil
}

// aside is put behind the name of a file that can't be read.
const aside = ".bad"

// OpenFile opens the file of a box, or makes it. One that is damaged is set aside, and another one is begun, which refuses
// what was issued before; lost tells why.
func OpenFile(path string) (s *Store, lost, err error) {
	kv, err := store.OpenBolt(path)
	if errors.Is(err, store.ErrDamaged) {
		lost = err
		if err = errors.Join(os.RemoveAll(path+aside), os.Rename(path, path+aside)); err == nil {
			kv, err = store.OpenBolt(path)
		}
		if err == nil {
			err = kv.Update(func(tx store.Tx) error { return tx.Put(bucketSelf, []byte(keyLost), []byte{1}) })
		}
	}
	if err != nil {
		return nil, lost, fmt.Errorf("open memory of the support channel: %w", err)
	}
	s, err = OpenStore(kv)
	return s, lost, err
}

// Close closes the file.
func (s *Store) Close() error { return s.kv.Close() }

// NextSession begins another session and gives its number, which is never given twice.
func (s *Store) NextSession() (uint64, error) {
	s.begins.Lock()
	defer s.begins.Unlock()
	s.mu.Lock()
	next := s.session
	s.mu.Unlock()
	if next.now+1 >= next.end {
		next.end = next.now + 1 + sessionBlock
		err := s.kv.Update(func(tx store.Tx) error { return tx.Put(bucketSelf, []byte(keySession), bytesOf(next.end)) })
		if err != nil {
			return 0, fmt.Errorf("begin session: %w", err)
		}
	}
	next.now++
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session = next
	return next.now, nil
}

// Session gives the number of the session under way; before the first one of a start, one that is greater than all of
// the starts before.
func (s *Store) Session() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session.now
}

func putJSON(tx store.Tx, bucket string, key []byte, v any) error {
	return tx.Put(bucket, key, mustJSON(v))
}

// mustJSON encodes what always can be.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("support: " + err.Error()) // none of our types can fail
	}
	return b
}

func bytesOf(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

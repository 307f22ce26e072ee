package attacktest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"syncbox/ota/release"
	"syncbox/ota/update"
)

// 10. What a thief can do with each key: less than install.
func TestAttackKeyCompromise(t *testing.T) {
	evilBy := func(t *testing.T, how string, roles ...release.Role) {
		attack(t, 10, how, func(w *world) {
			th := w.thief()
			for _, r := range roles {
				th.keys = append(th.keys, w.key(r, 0))
			}
			th.targets(func(_, targets object) { th.full(targets, "1.2.0", evil()) })
			w.use(th.serve())
			w.orderEvil()
			w.run(3 * time.Hour)
			w.says("update-signature", "update-not-published")
			w.still("1.1.0")
		})
	}
	evilBy(t, "the timestamp's key", "timestamp")
	evilBy(t, "the keys of timestamp and snapshot", "timestamp", "snapshot")
	evilBy(t, "one key of targets, and the online keys", "timestamp", "snapshot", "targets")
	attack(t, 10, "one key of targets, twice under the list", func(w *world) {
		th := w.thief(w.key("timestamp", 0), w.key("snapshot", 0), w.key("targets", 0), w.key("targets", 0))
		th.targets(func(_, targets object) { th.full(targets, "1.2.0", evil()) })
		w.use(th.serve())
		w.orderEvil()
		w.run(3 * time.Hour)
		w.says("update-signature", "update-metadata")
		w.still("1.1.0")
	})
	for name, n := range sorted(map[string]int{"one key of root": 1, "one key of root, twice": 2}) {
		attack(t, 10, name+", and the thief's own", func(w *world) {
			th := w.thief(own("root"), another(own("ops"), "root"))
			for range n {
				th.keys = append(th.keys, w.key("root", 0))
			}
			m := th.read("1.root.json")
			m.Signed["version"] = 2
			keys, roles := dig(m.Signed, "keys"), dig(m.Signed, "roles")
			for _, k := range []release.Key{own("root"), own("targets"), own("ops")} {
				keys[k.ID()] = object{"keytype": "ed25519", "scheme": "ed25519", "keyval": object{"public": fmt.Sprintf("%x", []byte(k.Public))}}
			}
			for role, k := range map[string]release.Key{"root": own("root"), "targets": own("targets")} {
				dig(roles, role)["keyids"] = []string{k.ID()}
				dig(roles, role)["threshold"] = 1
			}
			th.write("2.root.json", "root", m)
			w.use(th.serve())
			w.check()
			w.says("update-signature", "update-metadata")
			w.still("1.1.0")
		})
	}
	orders := func(t *testing.T, how string, op string, keys func(w *world) []release.Key) {
		attack(t, 10, how, func(w *world) {
			w.publish("1.2.0", "1.1.0")
			o := w.wishFor("1.2.0", w.images["1.2.0"], nil)
			if op == "downgrade" {
				o = w.wishFor("1.0.0", w.images["1.0.0"], func(o object) { o["op"], o["role"] = "downgrade", "danger" })
			}
			w.expect(w.send(envelope(o, keys(w)...)), "bad-signature")
			w.run(3 * time.Hour)
			w.still("1.1.0")
		})
	}
	one := func(role release.Role) func(w *world) []release.Key {
		return func(w *world) []release.Key { return []release.Key{w.key(role, 0)} }
	}
	orders(t, "a key of ops orders a release", "desired", one("ops"))
	orders(t, "the keys of danger order a release", "desired", func(w *world) []release.Key { return w.keys.Of("danger") })
	orders(t, "the keys of targets order a release", "desired", func(w *world) []release.Key { return w.keys.Of("targets") })
	orders(t, "one key of danger orders an older release", "downgrade", one("danger"))
	orders(t, "one key of danger, twice", "downgrade", func(w *world) []release.Key { return []release.Key{w.key("danger", 0), w.key("danger", 0)} })
	orders(t, "one key of danger, and those of fleet and ops", "downgrade", func(w *world) []release.Key {
		return []release.Key{w.key("danger", 0), w.key("fleet", 0), w.key("ops", 0)}
	})
	attack(t, 10, "the fleet's key orders what nobody has published", func(w *world) {
		w.orderEvil()
		w.run(3 * time.Hour)
		w.says("update-not-published")
		w.still("1.1.0")
	})
}

// 11. Whoever carries the orders can't make any.
func TestAttackBrokerTakeover(t *testing.T) {
	const kind = "application/vnd.syncbox.order+json"
	refused := func(how string, want update.Code, make func(w *world) []byte) {
		attack(t, 11, how, func(w *world) {
			w.publish("1.2.0", "1.1.0")
			w.expect(w.send(make(w)), want)
			w.run(3 * time.Hour)
			w.still("1.1.0")
		})
	}
	good := func(w *world, edit func(object)) object { return w.wishFor("1.2.0", w.images["1.2.0"], edit) }
	refused("an order without signature", "bad-signature", func(w *world) []byte { return envelope(good(w, nil)) })
	refused("an order by a key of the thief's own", "bad-signature", func(w *world) []byte { return envelope(good(w, nil), own("fleet")) })
	refused("a true order, changed", "bad-signature", func(w *world) []byte {
		signed, err := json.Marshal(w.wishFor("1.2.0", evil(), nil))
		must(err)
		shown, err := json.Marshal(good(w, nil))
		must(err)
		return seal(kind, kind, signed, shown, w.key("fleet", 0))
	})
	refused("a signature over another kind of content", "bad-envelope", func(w *world) []byte {
		b, err := json.Marshal(good(w, nil))
		must(err)
		return seal("application/vnd.in-toto+json", "application/vnd.in-toto+json", b, b, w.key("fleet", 0))
	})
	refused("a signature over another kind, shown as ours", "bad-signature", func(w *world) []byte {
		b, err := json.Marshal(good(w, nil))
		must(err)
		return seal("application/vnd.in-toto+json", kind, b, b, w.key("fleet", 0))
	})
	sign := func(how string, want update.Code, edit func(object)) {
		refused(how, want, func(w *world) []byte { return envelope(good(w, edit), w.key("fleet", 0)) })
	}
	at := func(d time.Duration) int64 { return epoch.Add(d).Unix() }
	sign("a true order for another box", "not-me", func(o object) { o["to"] = "box:SB-0002" })
	sign("a true order for another group", "not-me", func(o object) { o["to"] = "grp:us-1" })
	sign("an order that has ended", "expired", func(o object) {
		o["iat"], o["nbf"], o["exp"], o["seq"] = at(-2*day), at(-2*day), at(-day), 1000*at(-2*day)
	})
	sign("an order that would have all later ones refused", "bad-envelope", func(o object) { o["seq"] = int64(1) << 62 })
	sign("an order that was issued next year", "not-yet", func(o object) {
		o["iat"], o["exp"], o["seq"] = at(365*day), at(366*day), 1000*at(365*day)
	})
	sign("an order that has not begun", "not-yet", func(o object) { o["nbf"], o["exp"] = at(day), at(2*day) })
	sign("an order for ever", "expired", func(o object) { o["exp"] = at(3650 * day) })
	sign("an order of an unknown kind", "unknown-op", func(o object) { o["op"] = "install-anything" })
	refused("an order of a megabyte", "too-big", func(w *world) []byte {
		return envelope(good(w, func(o object) { o["prev"] = strings.Repeat("x", 1<<20) }), w.key("fleet", 0))
	})
	refused("no order at all", "bad-envelope", func(*world) []byte { return []byte(strings.Repeat("[", 4000)) })
	attack(t, 11, "a true order, a second time, after a newer one", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		w.publish("1.3.0", "1.1.0")
		first, second := w.wish("1.2.0"), w.wish("1.3.0")
		w.expect(w.send(first), "")
		w.expect(w.send(second), "")
		w.send(first)
		w.run(3 * time.Hour)
		w.still("1.3.0")
		w.send(first)
		w.run(3 * time.Hour)
		w.still("1.3.0")
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.order("1.2.0", func(r *release.Wish) { r.Downgrade = true }) // the maker's own way back
		w.run(3 * time.Hour)
		w.still("1.2.0")
	})
	attack(t, 11, "an older order that was held back", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		held := w.wish("1.2.0")
		w.order("1.1.0")
		w.expect(w.send(held), "replayed")
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
}

// 12. The server offers a true release under the name of another.
func TestAttackServerTakeover(t *testing.T) {
	attack(t, 12, "the files of 1.0.0 in the place of those of 1.2.0", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		th := w.thief()
		for _, name := range []string{"full", "full.windows"} {
			th.replace("1.2.0/arm64/"+name, "1.0.0/arm64/"+name)
		}
		for _, name := range []string{"1.0.0", "1.1.0"} {
			th.replace("1.2.0/arm64/"+name, "1.0.0/arm64/full")
		}
		w.use(th.serve())
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.says("update-payload", "update-too-big", "update-server")
		w.still("1.1.0")
	})
	attack(t, 12, "another system under the name that the order has, all keys of TUF stolen", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) { th.full(targets, "1.2.0", evil()) })
		w.use(th.serve())
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.says("update-disagree")
		w.still("1.1.0")
		w.supersede(th)
	})
	attack(t, 12, "nobody has ordered anything, all keys of TUF stolen", func(w *world) {
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) { th.full(targets, "9.9.9", evil()) })
		w.use(th.serve())
		w.run(2 * day)
		w.still("1.1.0")
		w.supersede(th)
	})
}

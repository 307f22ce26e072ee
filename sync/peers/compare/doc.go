// Package compare runs the benchmark: the same file of 100,000 customers, carried by different programs to the same
// sink on this machine. After a first look at all rows, 100 telephone numbers change in each round; the sink must get
// exactly those rows. Then each program is killed (SIGKILL) while the sink has got some of the changes and has not yet
// answered, and started again.
//
//	first_wall       s    from the first look until the sink has all rows
//	first_rss        MiB  peak of resident memory (VmHWM) until then
//	pass_cpu         s    processor time of a look at 100 changes, delivery included (/proc/PID/stat)
//	pass_wall        s    from its beginning until the sink has them
//	pass_rss         MiB  peak of resident memory meanwhile, in the worst round
//	pass_own_memory  MiB  peak of what of it belongs to no file (RssAnon)
//	unchanged_cpu    s    processor time of a look at a file in which nothing changed
//	detect_cpu       s    finding the changes: ours by its own account in looks at 100 changes, the databases' writes
//	                      included; of the others, which don't tell, unchanged_cpu
//	resent           records that the sink got once more than they had changed, after the kill
//	old_process_rss  MiB  ours: pass_rss of the process that sent all rows; it is restarted for the other figures
//
// What is unfair to ours: it makes every record durable before and after it is sent, in three transactions, and sends
// one in a request, while the others send all 100 in one and remember nothing on disk. Its resident memory counts
// mapped pages of its databases, which the kernel maps 64 KiB at a time and takes back when it needs the room: in a
// control group of 16 MiB, page cache included, it does its rounds as well.
//
// What is unfair to the others: they take every row apart into fields and are made for many tasks; ours compares bytes
// and its source is made for this one, though engine and store are those of the product. Node-RED is allowed 4 GiB of
// heap, so that it collects garbage late. Telegraf looks at fixed times and delivers every 2 seconds, Node-RED's batches
// wait up to 200 ms: pass_wall contains that. Both remember in memory by design; Telegraf's state file is written
// when it stops in order, not when it is killed.
package compare

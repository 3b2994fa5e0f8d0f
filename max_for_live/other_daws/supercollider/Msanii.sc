// A running msanii-bridge, asked for music over OSC. Its help: Msanii.help
Msanii {
	classvar <>answerSeconds = 5;
	var <bridge, <jobs, <takes, <player, responders, name, count = 0;

	*new { |port = 9800, hostname = "127.0.0.1"|
		^super.new.init(NetAddr(hostname, port))
	}

	init { |address|
		bridge = address;
		jobs = IdentityDictionary.new;
		takes = List.new;
		// Job ids are unique for ever, so they begin with something that nobody else has.
		name = "sc%-%".format(Date.getDate.stamp, 1000000.rand);
		responders = [
			this.on("queued", { |job| job.isQueued = true }),
			this.on("progress", { |job, message| job.onProgress.value(message[2], job) }),
			this.on("take", { |job, message| this.addTake(job, message) }),
			this.on("done", { |job| this.end(job); job.onDone.value(job.takes, job) }),
			this.on("fail", { |job, message| this.end(job); this.failed(job, message[3]) }),
		];
	}

	// Verbs. `values` are pairs: [chords: "Am F C G", bpm: 97.3, bars: 4], or an Event of them.
	generate { |values, onTake, onDone, onFail, onProgress|
		^this.ask("generate", values, onTake, onDone, onFail, onProgress)
	}

	vary { |source, values, onTake, onDone, onFail, onProgress|
		^this.ask("vary", [source: this.pathOf(source ? takes.last)] ++ (values ? []).asPairs, onTake, onDone, onFail, onProgress)
	}

	// Any verb of the bridge, such as "complete" or "outpaint".
	ask { |verb, values, onTake, onDone, onFail, onProgress|
		var job = MsaniiJob("%-%".format(name, count = count + 1), onTake, onDone, onFail, onProgress);
		jobs[job.id.asSymbol] = job;
		this.send(verb, job.id, *(values ? []).asPairs);
		SystemClock.sched(answerSeconds, {
			if (jobs.includesKey(job.id.asSymbol) and: { job.isQueued.not }) {
				this.end(job);
				this.failed(job, "no answer from port %: start msanii-bridge serve".format(bridge.port))
			};
			nil
		});
		^job
	}

	cancel { |job|
		if (job.isNil) { jobs.do { |each| this.cancel(each) } } { this.send("cancel", job.id) }
	}

	// A value of the session, such as m.param(\bpm, 97.3).
	param { |key ... values| this.send("param/" ++ key, *values) }

	// A command of a deck on stage, such as m.deck(1, \launch).
	deck { |number, command ... values| this.send("deck/%/%".format(number, command), *values) }

	// Any message to the bridge, without its /msanii/.
	send { |path ... values|
		bridge.sendMsg("/msanii/" ++ path, *values.collect { |value| if (value.isKindOf(Symbol)) { value.asString } { value } })
	}

	// A take, by default the last one, into a Buffer.
	read { |take, server, action|
		^Buffer.read(server ? Server.default, this.pathOf(take ? takes.last), action: action)
	}

	// Plays a take, looped at its own tempo unless `rate` says otherwise, until stop; returns its Buffer.
	play { |take, server, loop = true, rate = 1, amp = 1, out = 0|
		server = server ? Server.default;
		this.stop;
		^this.read(take, server, { |buffer|
			player = {
				PlayBuf.ar(buffer.numChannels, buffer, BufRateScale.kr(buffer) * rate, loop: loop.binaryValue,
					doneAction: if (loop) { 0 } { 2 }) * amp
			}.play(server, out).onFree { player = nil; buffer.free }
		})
	}

	stop { player !? { player.free } }

	free {
		responders.do(_.free);
		jobs.clear;
	}

	// --- private

	on { |event, action|
		^OSCFunc({ |message|
			var job = jobs[message[1].asSymbol];
			if (job.notNil) { action.value(job, message) }
		}, "/msanii/" ++ event, bridge).fix // stays when Cmd-. is pressed
	}

	addTake { |job, message|
		var take = (path: message[3].asString, seconds: message[4], bpm: message[5], index: message[2], job: job.id);
		takes.add(take);
		job.takes.add(take);
		job.onTake.value(take, job);
	}

	failed { |job, sentence|
		if (job.onFail.notNil) { job.onFail.value(sentence.asString, job) } { sentence.asString.error }
	}

	end { |job| jobs.removeAt(job.id.asSymbol) }

	pathOf { |take| ^if (take.isKindOf(Dictionary)) { take[\path] } { take.asString } }
}

// One request: its id, and what to do when something of it comes.
MsaniiJob {
	var <id, <>onTake, <>onDone, <>onFail, <>onProgress, <takes, <>isQueued = false;

	*new { |id, onTake, onDone, onFail, onProgress|
		^super.newCopyArgs(id, onTake, onDone, onFail, onProgress, List.new)
	}
}

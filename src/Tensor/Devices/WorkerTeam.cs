using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace GanFromScratch.Tensors;

/// <summary>
/// A thread pool for jobs of ten microseconds and more. Workers spin for a moment between jobs before they sleep, because on a virtual
/// machine a sleeping thread can take milliseconds to wake.
/// </summary>
internal sealed unsafe class WorkerTeam : IDisposable
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 5000; // 0.2 ms: longer than the gaps within a training step

    [ThreadStatic]
    private static int _thread;

    private readonly Thread[] _workers;
    private readonly object _sleepers = new();
    private long _round;     // what workers watch: counts up with each job, its last 16 bits the job's number of parts
    private int _running;    // workers that have not finished their part of the present job
    private int _asleep;
    private bool _ended;
    private ExceptionDispatchInfo? _failure; // of the worker that failed last

    private delegate*<void*, int, int, void> _run;
    private void* _job;
    private int _units;
    private int _parts;

    /// <summary>The calling thread's number in its team; 0 is the thread that runs jobs.</summary>
    public static int ThisThread => _thread;

    /// <summary>The most threads of a team.</summary>
    public const int MaxThreads = ushort.MaxValue;

    public WorkerTeam(int threads)
    {
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int part = i + 1; // the caller does part 0
            _workers[i] = new Thread(() => Work(part)) { IsBackground = true, Name = $"gan worker {part}" };
            _workers[i].Start();
        }
    }

    /// <summary>Runs a job in a number of parts, a thread each, and returns when all have ended. Rethrows a part's exception.</summary>
    public void Run<TJob>(ref TJob job, int units, int parts)
        where TJob : struct, IJob
    {
        // a job in a field or a closure has to be pinned until every worker is done with it
        fixed (byte* pinned = &Unsafe.As<TJob, byte>(ref job))
        {
            _job = pinned;
            _run = &RunPart<TJob>;
            _units = units;
            _parts = parts;
            _failure = null; // the caller's own exception may have hidden a worker's last time
            Volatile.Write(ref _running, parts - 1);
            Interlocked.Exchange(ref _round, NextRound(parts));
            if (Volatile.Read(ref _asleep) > 0)
            {
                lock (_sleepers)
                    Monitor.PulseAll(_sleepers);
            }

            try
            {
                job.Run(0, Bound(1));
            }
            finally
            {
                var spinner = new SpinWait();
                while (Volatile.Read(ref _running) > 0)
                {
                    if (spinner.NextSpinWillYield)
                        Thread.Yield();
                    else
                        spinner.SpinOnce(sleep1Threshold: -1);
                }
            }
        }
        _failure?.Throw();
    }

    public void Dispose()
    {
        lock (_sleepers)
        {
            _ended = true;
            Interlocked.Exchange(ref _round, NextRound(0));
            Monitor.PulseAll(_sleepers);
        }
        foreach (var worker in _workers)
            worker.Join();
    }

    private static void RunPart<TJob>(void* job, int from, int to)
        where TJob : struct, IJob => Unsafe.AsRef<TJob>(job).Run(from, to);

    private long NextRound(int parts) => (((_round >> 16) + 1) << 16) | (uint)parts;

    /// <summary>The first unit of a part.</summary>
    private int Bound(int part) => (int)((long)_units * part / _parts);

    private void Work(int part)
    {
        long seen = 0;
        _thread = part;
        while (true)
        {
            seen = WaitForRoundAfter(seen);
            if (_ended)
                return;
            if (part >= (ushort)seen)
                continue; // not in this job, whose fields may change any moment
            try
            {
                _run(_job, Bound(part), Bound(part + 1));
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
            Interlocked.Decrement(ref _running);
        }
    }

    private long WaitForRoundAfter(long seen)
    {
        long began = Stopwatch.GetTimestamp(), waited = 0;
        while (Volatile.Read(ref _round) == seen && waited < SpinTicks)
        {
            if (waited < SpinTicks / 8)
                Thread.SpinWait(8);
            else
                Thread.Yield(); // on a busy machine the caller may be waiting for this very core
            waited = Stopwatch.GetTimestamp() - began;
        }
        if (Volatile.Read(ref _round) == seen)
        {
            lock (_sleepers)
            {
                Interlocked.Increment(ref _asleep); // a full fence: either we see the new round below, or its caller sees us asleep
                while (Volatile.Read(ref _round) == seen)
                    Monitor.Wait(_sleepers);
                Interlocked.Decrement(ref _asleep);
            }
        }
        return Volatile.Read(ref _round);
    }
}

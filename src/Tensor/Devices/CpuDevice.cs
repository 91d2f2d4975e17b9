namespace GanFromScratch.Tensors;

/// <summary>
/// The machine's processor: its memory, and worker threads that share kernels. An operation has ended when its call returns.
/// </summary>
public sealed unsafe class CpuDevice : Device
{
    private readonly CpuArena _arena = new();
    private readonly WorkerTeam _team;
    private readonly JobTimings? _timings;
    private nint _scratch;
    private int _scratchFloats;

    /// <summary>Creates a device with its own worker threads.</summary>
    /// <param name="threads">The number of threads, the caller's among them; 0 for one per core.</param>
    /// <param name="settings">With a debug level of 2 or more, jobs are timed and the timings logged.</param>
    public CpuDevice(int threads = 0, DeviceSettings? settings = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, WorkerTeam.MaxThreads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _team = new WorkerTeam(Threads);
        _timings = settings is { DebugLevel: >= 2 } ? new JobTimings(Name, settings.Log) : null;
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <summary>The number of threads, the caller's among them.</summary>
    public int Threads { get; }

    /// <summary>
    /// Returns uninitialised memory for a job's threads, aligned to a cache line. Each thread has its own part (<see cref="ThisThread"/>):
    /// lines that one thread writes and another reads cost more than computing them twice.
    /// </summary>
    /// <param name="floats">The floats of each thread, rounded up to a multiple of 16; the part of thread n starts at n times that.</param>
    public float* Scratch(int floats)
    {
        floats = (floats + 15) & ~15;
        if (floats > _scratchFloats)
        {
            _scratch = (nint)_arena.Cut((nuint)floats * (nuint)Threads * sizeof(float));
            _scratchFloats = floats;
        }
        return (float*)_scratch;
    }

    /// <summary>The number of the calling thread within a job.</summary>
    public static int ThisThread => WorkerTeam.ThisThread;

    /// <summary>
    /// Runs a job's units on all threads, a contiguous range on each, and returns when all are done. Jobs don't nest. A job's result may
    /// not depend on how its units are divided.
    /// </summary>
    /// <param name="job">What to run; shared by all threads.</param>
    /// <param name="units">The number of units.</param>
    /// <param name="leastPerThread">The fewest units worth a second thread.</param>
    public void Run<TJob>(ref TJob job, int units, int leastPerThread = 1)
        where TJob : struct, IJob
    {
        _timings?.Begin();
        Spread(ref job, units, leastPerThread);
        _timings?.End(job);
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // Nothing is ever pending.
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        _timings?.Print();
        _team.Dispose();
        _arena.Dispose();
    }

    /// <inheritdoc/>
    protected override Storage Allocate(int capacity) =>
        new HostStorage(this, capacity, (float*)_arena.Cut((nuint)capacity * sizeof(float)));

    /// <inheritdoc/>
    protected internal override void Upload(ReadOnlySpan<float> from, Storage to) =>
        from.CopyTo(new Span<float>(((HostStorage)to).Pointer, from.Length));

    /// <inheritdoc/>
    protected internal override void Download(Storage from, Span<float> to) =>
        new ReadOnlySpan<float>(((HostStorage)from).Pointer, to.Length).CopyTo(to);

    /// <inheritdoc/>
    protected internal override void Fill(Storage storage, int count, float value) =>
        new Span<float>(((HostStorage)storage).Pointer, count).Fill(value);

    /// <inheritdoc/>
    protected internal override void ReadDeferred(Storage from, Span<DeferredScalar> to)
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = new DeferredScalar(((HostStorage)from).Pointer[i]);
    }

    private void Spread<TJob>(ref TJob job, int units, int leastPerThread)
        where TJob : struct, IJob
    {
        int threads = (int)Math.Min(Threads, (long)units / Math.Max(1, leastPerThread));
        if (threads <= 1)
        {
            if (units > 0)
                job.Run(0, units);
            return;
        }
        _team.Run(ref job, units, threads);
    }
}

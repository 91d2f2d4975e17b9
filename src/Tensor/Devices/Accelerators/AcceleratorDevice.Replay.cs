using System.Reflection;

namespace GanFromScratch.Tensors;

/// <content>
/// Work that is recorded once and replayed. It is done twice before that: first as ever, which compiles its kernels; then as a rehearsal,
/// whose blocks become its own and whose launches are noted. The third time it is captured, and replayed if its launches were the same.
/// </content>
public sealed partial class AcceleratorDevice
{
    /// <summary>The most numbers of a piece of work that vary from replay to replay.</summary>
    internal const int MostVarying = 1024;

    private readonly List<IDisposable> _recorded = []; // rehearsals and captured work
    private readonly float[] _varyingNow = new float[MostVarying];
    private Tensor? _varying;
    private WorkRecorder? _recorder;
    private bool _lacksMemory;

    /// <summary>Whether work can be replayed: not while each kernel is timed, nor once the memory was needed for something else.</summary>
    public bool CanReplay => (_settings.ReplaysWork ?? _queue.HasGraphs) && _timings is null && _failure is null && !_lacksMemory;

    /// <summary>Whether work is being recorded, and numbers that vary are to be declared by <see cref="Vary"/>.</summary>
    public bool IsRecording => _recorder is not null;

    /// <summary>The replays so far.</summary>
    public long Replays { get; private set; }

    /// <summary>Whether launches are kept one by one: captured on a device that has no graphs.</summary>
    private bool IsKept => _recorder is { Captures: true } && !_queue.HasGraphs;

    /// <summary>What a kernel gets whose varying numbers are among its arguments.</summary>
    public Varying AmongArguments => new(View(VaryingBlock), -1);

    private Tensor VaryingBlock => _varying ??= OfItsOwn(MostVarying);

    /// <summary>Declares numbers that vary from step to step, in work that is recorded.</summary>
    /// <param name="owner">What they are numbers of: the same object in each step.</param>
    /// <param name="count">How many.</param>
    /// <param name="write">Computes them, and moves on whatever has to be: it is called once for each step.</param>
    public Varying Vary(object owner, int count, VaryingWriter write)
    {
        var recorder = _recorder ?? throw new InvalidOperationException("Vary: nothing is recorded; pass the numbers as arguments");
        int slot = recorder.Vary(owner, count, write);
        if (!recorder.Captures)
        {
            var now = _varyingNow.AsSpan(slot, count);
            write(now);
            Staged(now, (nuint)slot * sizeof(float));
        }
        return new(View(VaryingBlock), slot);
    }

    /// <summary>Notes that recorded work does what can't be replayed; does nothing where none is recorded.</summary>
    public void RefuseReplay(string why) => RefuseWhileRecorded(why);

    /// <summary>Does work, as its rehearsal for <see cref="Capture"/>.</summary>
    /// <returns>What it did, and the blocks that it had, which the caller disposes unless the work is captured.</returns>
    public Rehearsal Rehearse(Action work)
    {
        var rehearsal = new Rehearsal(this, new WorkRecorder(captures: false), new StoragePool());
        _recorded.Add(rehearsal);
        try
        {
            Record(rehearsal.Recorder, rehearsal.Arena, work);
            return rehearsal;
        }
        catch
        {
            rehearsal.Dispose();
            throw;
        }
    }

    /// <summary>Captures work that was rehearsed in the step before, without doing it.</summary>
    /// <param name="rehearsal">Its rehearsal.</param>
    /// <param name="work">The work.</param>
    /// <param name="why">Why it can't be replayed.</param>
    /// <returns>
    /// The work, which the caller disposes; null if it can't be replayed, in which case it has not been done, nor any number moved on, and
    /// the rehearsal's blocks are the device's again.
    /// </returns>
    /// <exception cref="DeviceException">The device failed.</exception>
    public CapturedWork? Capture(Rehearsal rehearsal, Action work, out string? why)
    {
        var captured = TryCapture(rehearsal, work, out why);
        if (captured is null)
        {
            rehearsal.Dispose();
            return null;
        }
        _recorded.Remove(rehearsal);
        _recorded.Add(captured);
        return captured;
    }

    private CapturedWork? TryCapture(Rehearsal rehearsal, Action work, out string? why)
    {
        why = rehearsal.Recorder.Refusal;
        if (why is not null)
            return null;
        var recorder = new WorkRecorder(captures: true);
        long launchesBefore = Launches, flopsBefore = MatMulFlops;
        bool capturing = false;
        try
        {
            if (_queue.HasGraphs)
                _queue.BeginCapture();
            capturing = _queue.HasGraphs;
            try
            {
                Record(recorder, rehearsal.Arena, work);
            }
            catch (NotReplayableException refusal)
            {
                recorder.Refuse(refusal.Message);
            }
            why = recorder.Refusal ?? recorder.DifferenceFrom(rehearsal.Recorder);
            nint graph = 0;
            if (capturing)
            {
                capturing = false;
                graph = _queue.EndCapture(keep: why is null);
            }
            return why is not null
                ? null
                : new CapturedWork(this, recorder, rehearsal.Arena, graph, Launches - launchesBefore, MatMulFlops - flopsBefore);
        }
        catch (EntryPointNotFoundException)
        {
            why = "the driver is older than CUDA 11.4, and has no graphs";
            return null;
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            if (AcceleratorFault.IsLoss(fault))
                throw Failed("captured a step", fault);
            why = $"the driver can't capture it: {AcceleratorFault.Describe(fault)}";
            return null;
        }
        finally
        {
            if (capturing) // something else was thrown
                _queue.EndCapture(keep: false);
            Launches = launchesBefore; // nothing has been done yet
            CountFlops(flopsBefore - MatMulFlops);
        }
    }

    /// <summary>Notes a launch in work that is recorded, and keeps it where the device has no graphs.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="launch">Launches it.</param>
    /// <returns>Whether the launch is kept for later, and not to be done now.</returns>
    public bool NoteLaunch(MethodInfo kernel, object arguments, Action launch)
    {
        _recorder!.Note(kernel, arguments);
        if (IsKept)
            _recorder.Launches.Add(launch);
        return IsKept;
    }

    /// <summary>Replays recorded work.</summary>
    internal void Replay(WorkRecorder recorder, nint graph, long launches, long flops)
    {
        foreach (var (slot, count, write) in recorder.Writers)
            write(_varyingNow.AsSpan(slot, count));
        try
        {
            if (recorder.Slots > 0)
                Staged(_varyingNow.AsSpan(0, recorder.Slots), 0);
            if (graph != 0)
                _queue.LaunchGraph(graph);
            foreach (var launch in recorder.Launches)
                launch();
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("replayed a step", fault);
        }
        Launches += launches;
        Replays++;
        CountFlops(flops);
    }

    /// <summary>Gives a graph back to the driver, and the blocks of its tensors to the device.</summary>
    internal void Forget(CapturedWork work, nint graph, StoragePool arena)
    {
        Forget(work, arena);
        if (graph == 0 || _failure is not null)
            return;
        try
        {
            _queue.Synchronize();
            _queue.DestroyGraph(graph);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("ended a recorded step", fault);
        }
    }

    /// <summary>Gives the blocks of recorded work to the device.</summary>
    internal void Forget(IDisposable work, StoragePool arena)
    {
        _recorded.Remove(work);
        Inherit(arena);
    }

    /// <summary>Gives up all recorded work, whose blocks then are the device's, because memory is short.</summary>
    /// <returns>Whether there was any.</returns>
    private bool GiveUpRecordedWork()
    {
        if (_recorder is not null || _recorded.Count == 0)
            return false;
        _lacksMemory = true;
        foreach (var work in _recorded.ToArray())
            work.Dispose();
        return true;
    }

    private void Record(WorkRecorder recorder, StoragePool arena, Action work)
    {
        _ = VaryingBlock;
        (_recorder, Arena) = (recorder, arena);
        try
        {
            work();
        }
        finally
        {
            (_recorder, Arena) = (null, null);
        }
    }

    private void Staged(ReadOnlySpan<float> numbers, nuint offset)
    {
        try
        {
            (_staging ??= new StagingRing(_queue)).Upload(numbers, BufferOf(VaryingBlock.Storage), offset);
        }
        catch (Exception fault) when (AcceleratorFault.Is(fault))
        {
            throw Failed("took numbers", fault);
        }
    }

    /// <summary>A rehearsal goes on; a capture ends.</summary>
    private void RefuseWhileRecorded(string why)
    {
        _recorder?.Refuse(why);
        RefuseWhileCaptured(why);
    }

    private void RefuseWhileCaptured(string why)
    {
        if (_recorder is { Captures: true })
            throw new NotReplayableException(why);
    }
}

/// <summary>A piece of work that was done once, and noted.</summary>
public sealed class Rehearsal : IDisposable
{
    private readonly AcceleratorDevice _device;

    internal Rehearsal(AcceleratorDevice device, WorkRecorder recorder, StoragePool arena) =>
        (_device, Recorder, Arena) = (device, recorder, arena);

    internal WorkRecorder Recorder { get; }

    internal StoragePool Arena { get; }

    /// <summary>Gives its blocks back to the device. Not for work that was captured, which has them.</summary>
    public void Dispose() => _device.Forget(this, Arena);
}

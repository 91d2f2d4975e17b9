using System.Runtime.ExceptionServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// The threads of a group take turns: each runs until it waits at a barrier or ends, then the next one does, always in the same order. Only one ever runs,
/// so a kernel behaves the same each time, and what they share needs no locks.
/// </summary>
internal sealed class Turns(int threads)
{
    // Without spinning: the turns of hundreds of other threads come first.
    private readonly ManualResetEventSlim[] _turns = [.. Enumerable.Range(0, threads).Select(_ => new ManualResetEventSlim(false, spinCount: 0))];
    private ExceptionDispatchInfo? _failure;
    private int _waiting, _ended;

    /// <summary>Whether a thread has failed; the others then have nothing more to do.</summary>
    public bool Failed => _failure is not null;

    /// <summary>The first thread's turn.</summary>
    public void Begin() => _turns[0].Set();

    /// <summary>Waits for a thread's turn.</summary>
    public void WaitFor(int thread)
    {
        _turns[thread].Wait();
        _turns[thread].Reset();
    }

    /// <summary>A thread waits until all have come as far.</summary>
    public void Barrier(int thread)
    {
        _waiting++;
        Pass(thread);
        WaitFor(thread);
        if (Failed)
            throw new OperationCanceledException("another thread of the group failed");
    }

    /// <summary>A thread has ended.</summary>
    public void End(int thread)
    {
        _ended++;
        Pass(thread);
    }

    /// <summary>A thread fails; the first failure is the one that is told.</summary>
    public void Fail(Exception failure) => _failure ??= ExceptionDispatchInfo.Capture(failure);

    /// <summary>Throws the failure, if there is one.</summary>
    public void ThrowFailure() => _failure?.Throw();

    private void Pass(int thread)
    {
        if (thread == threads - 1)
        {
            if (_waiting > 0 && _ended > 0)
                Fail(new InvalidOperationException($"Group.Barrier: {_waiting} threads of a group wait there, and {_ended} have ended without coming to it"));
            _waiting = _ended = 0;
        }
        _turns[(thread + 1) % threads].Set();
    }
}

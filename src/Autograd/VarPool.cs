namespace GanFromScratch.Autograd;

/// <summary>
/// Objects of tapes that have ended, which the next tapes given the same pool use again: half of what a training step would allocate on the
/// managed heap. A training loop holds one. Not thread-safe: tapes that share it belong to one thread at a time.
/// </summary>
public sealed class VarPool
{
    private const int Capacity = 1024; // more than a training step has

    private Var? _top; // linked by Previous
    private int _count;

    /// <summary>Takes an object whose tape has ended; null if there is none.</summary>
    internal Var? Take()
    {
        var taken = _top;
        if (taken is not null)
        {
            _top = taken.Previous;
            _count--;
        }
        return taken;
    }

    /// <summary>Keeps an object that its tape, which ends, has shown to nobody.</summary>
    internal void Return(Var v)
    {
        if (_count == Capacity)
            return;
        v.Clear();
        v.Previous = _top;
        _top = v;
        _count++;
    }
}

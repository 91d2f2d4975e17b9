using System.Reflection;

namespace GanFromScratch.Tensors;

/// <summary>Writes numbers that change from one replay to the next.</summary>
public delegate void VaryingWriter(Span<float> numbers);

/// <summary>
/// What a piece of work gave a device to do: noted twice, as it ran (the rehearsal) and as it was captured. If both are the same, arguments
/// and addresses too, but for numbers that the work declared as varying, the captured work stands for later steps.
/// </summary>
/// <param name="captures">Whether the work is captured, not done.</param>
internal sealed class WorkRecorder(bool captures)
{
    private readonly List<(object What, object? With)> _notes = [];

    /// <summary>Whether the work is captured: nothing is done now.</summary>
    public bool Captures => captures;

    /// <summary>Why the work can't be replayed; null while it can.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The launches, in order, for a device that has no graphs.</summary>
    public List<Action> Launches { get; } = [];

    /// <summary>The writers of varying numbers, with their places, in order.</summary>
    public List<(int Slot, int Count, VaryingWriter Write)> Writers { get; } = [];

    /// <summary>The places that they take.</summary>
    public int Slots { get; private set; }

    /// <summary>Notes a launch.</summary>
    public void Note(MethodInfo kernel, object arguments) => _notes.Add((kernel, arguments));

    /// <summary>Notes that a block is set to a value.</summary>
    public void Note(Storage storage, (int Count, float Value) filled) => _notes.Add((storage, filled));

    /// <summary>Notes numbers that vary.</summary>
    /// <param name="owner">What they are numbers of: the same object in each step.</param>
    /// <param name="count">How many.</param>
    /// <param name="write">Writes them.</param>
    /// <returns>The place of the first.</returns>
    public int Vary(object owner, int count, VaryingWriter write)
    {
        _notes.Add((owner, null));
        int slot = Slots;
        Slots += count;
        if (Slots > AcceleratorDevice.MostVarying)
            Refuse($"it has more than {AcceleratorDevice.MostVarying} numbers that vary");
        else
            Writers.Add((slot, count, write));
        return Math.Min(slot, AcceleratorDevice.MostVarying - count);
    }

    /// <summary>Notes why the work can't be replayed.</summary>
    public void Refuse(string why) => Refusal ??= why;

    /// <summary>Returns how this work differs from another's; null if it doesn't.</summary>
    public string? DifferenceFrom(WorkRecorder other)
    {
        if (_notes.Count != other._notes.Count)
            return $"one step has {other._notes.Count} launches and settings, the next {_notes.Count}";
        for (int i = 0; i < _notes.Count; i++)
        {
            var ((what, with), (otherWhat, otherWith)) = (_notes[i], other._notes[i]);
            if (!(ReferenceEquals(what, otherWhat) || (what is MethodInfo && what.Equals(otherWhat))) || !Equals(with, otherWith))
                return $"the arguments of {(what is MethodInfo kernel ? KernelName.Of(kernel) : what)} change from step to step";
        }
        return null;
    }
}

/// <summary>Thrown where work that is being captured does what can't be.</summary>
internal sealed class NotReplayableException(string why) : Exception(why);

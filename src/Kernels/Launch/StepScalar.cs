using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// A number that changes from step to step, such as the factor of learning rates. Ops that take one read it anew in each replay of recorded
/// work; its value, read directly, would stay what it was.
/// </summary>
/// <param name="value">The first value.</param>
public sealed class StepScalar(float value)
{
    private float _value = value;

    /// <summary>Gets or sets the value. A step that gets it can't be replayed (<see cref="WasRead"/>).</summary>
    public float Value
    {
        get
        {
            WasRead = true;
            return _value;
        }
        set => _value = value;
    }

    /// <summary>Whether the value was read since <see cref="Forget"/>.</summary>
    public bool WasRead { get; private set; }

    /// <summary>
    /// The value, for an op that declares it as varying wherever work is recorded (<see cref="On"/>). A recipe gets <see cref="Value"/>.
    /// </summary>
    public float Current => _value;

    /// <summary>Makes a number of a value.</summary>
    public static implicit operator StepScalar(float value) => new(value);

    /// <summary>Forgets that the value was read.</summary>
    public void Forget() => WasRead = false;

    /// <summary>Returns where a kernel of a device finds the value, unless it is among its arguments.</summary>
    public Varying On(Device device)
    {
        if (device is not AcceleratorDevice accelerator)
            return new(default, -1);
        return accelerator.IsRecording ? accelerator.Vary(this, 1, numbers => numbers[0] = _value) : accelerator.AmongArguments;
    }
}

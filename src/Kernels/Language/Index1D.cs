namespace GanFromScratch.Kernels;

/// <summary>The number of a thread among all threads of a launch. As a kernel's first parameter it asks for one thread an element.</summary>
/// <param name="x">The number.</param>
public readonly struct Index1D(int x)
{
    /// <summary>The number.</summary>
    public int X { get; } = x;

    /// <summary>The number, as an index.</summary>
    public static implicit operator int(Index1D index) => index.X;

    /// <summary>A number as a thread's.</summary>
    public static implicit operator Index1D(int index) => new(index);
}

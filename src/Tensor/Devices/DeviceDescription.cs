namespace GanFromScratch.Tensors;

/// <summary>A device behind a driver, as its driver describes it.</summary>
/// <param name="Name">What `--device` takes: `opencl:0`.</param>
/// <param name="Model">What its maker calls it.</param>
/// <param name="Driver">The driver, with its version.</param>
/// <param name="Memory">Bytes of memory.</param>
/// <param name="IsCpu">Whether it is the machine's own processor again.</param>
/// <param name="IsGpu">Whether it is a graphics processor.</param>
/// <param name="Refusal">Why it can't be used, as a sentence without its end; null where it can.</param>
public sealed record DeviceDescription(string Name, string Model, string Driver, ulong Memory, bool IsCpu, bool IsGpu, string? Refusal)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Model})";
}

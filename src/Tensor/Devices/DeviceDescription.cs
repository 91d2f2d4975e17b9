namespace GanFromScratch.Tensors;

/// <summary>A device behind a driver, as its driver describes it.</summary>
/// <param name="Name">What `--device` takes: `opencl:0`.</param>
/// <param name="Model">Its maker's name for it.</param>
/// <param name="Driver">The driver, with its version.</param>
/// <param name="Memory">Its memory in bytes.</param>
/// <param name="IsCpu">Whether it is the machine's own processor again.</param>
/// <param name="IsGpu">Whether it is a graphics processor.</param>
/// <param name="Refusal">Why it can't be used, as a clause; null where it can.</param>
public sealed record DeviceDescription(string Name, string Model, string Driver, ulong Memory, bool IsCpu, bool IsGpu, string? Refusal)
{
    /// <summary>Its compute capability; null where it isn't a CUDA device.</summary>
    public Version? ComputeCapability { get; init; }

    /// <summary>
    /// Whether it has what NVIDIA's Ampere brought: tensor cores for TF32, and copies to shared memory that go on by themselves. Compute
    /// capability 8.0 or newer.
    /// </summary>
    public bool IsAmpereOrNewer => ComputeCapability?.Major >= 8;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Model})";
}

namespace GanFromScratch.Tensors;

/// <summary>The devices of one kind.</summary>
/// <param name="Devices">All that the driver lists, those that can't be used among them.</param>
/// <param name="WhyNone">Why there is none, as a sentence without its end; null where there are some.</param>
public sealed record DeviceList(IReadOnlyList<DeviceDescription> Devices, string? WhyNone)
{
    /// <summary>The drivers that aren't used because they would end or stop this process.</summary>
    public IReadOnlyList<LeftOutDriver> LeftOut { get; init; } = [];
}

/// <summary>An OpenCL driver that isn't used, because it would end or stop this process.</summary>
/// <param name="Name">What brings the driver in: a file of the loader's folder, or a library.</param>
/// <param name="Why">Why it is left out, as a sentence without its end.</param>
public sealed record LeftOutDriver(string Name, string Why)
{
    /// <inheritdoc/>
    public override string ToString() => $"The OpenCL driver {Name} is left out: {Why}.";
}

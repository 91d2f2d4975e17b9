namespace GanFromScratch.Tensors;

/// <summary>The devices of one kind.</summary>
/// <param name="Devices">All devices that the driver lists, unusable ones included.</param>
/// <param name="WhyNone">Why there is none, as a clause; null where there are some.</param>
public sealed record DeviceList(IReadOnlyList<DeviceDescription> Devices, string? WhyNone)
{
    /// <summary>Whether there is a driver, be it one without devices.</summary>
    public bool HasDriver { get; init; } = true;

    /// <summary>The drivers that aren't loaded because they would end or block this process.</summary>
    public IReadOnlyList<LeftOutDriver> LeftOut { get; init; } = [];
}

/// <summary>An OpenCL driver that isn't loaded because it would end or block this process.</summary>
/// <param name="Name">The file of the loader's folder that names the driver, or its library.</param>
/// <param name="Why">Why it is left out, as a clause.</param>
public sealed record LeftOutDriver(string Name, string Why)
{
    /// <inheritdoc/>
    public override string ToString() => $"The OpenCL driver {Name} is left out: {Why}.";
}

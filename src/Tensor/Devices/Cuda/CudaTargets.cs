namespace GanFromScratch.Tensors;

/// <summary>
/// Which PTX a device gets: for the newest architecture that both it and its driver know, in the oldest version that has what it takes.
/// </summary>
internal static class CudaTargets
{
    /// <summary>
    /// The oldest driver and device that are served: CUDA 9.0 brought `shfl.sync`, and compute capability 5.0 is the oldest that later ones
    /// compile for.
    /// </summary>
    public const int LeastDriver = 9000, LeastArchitecture = 50;

    // The release notes of the PTX manual. Architectures older than 7.0 need less than 6.0, which is what `shfl.sync` needs.
    private static readonly (int Architecture, int Ptx)[] Architectures =
    [
        (50, 60), (52, 60), (53, 60), (60, 60), (61, 60), (62, 60), (70, 60), (75, 63),
        (80, 70), (86, 71), (87, 74), (89, 78), (90, 78), (100, 86), (120, 87),
    ];

    // The same, for drivers: their CUDA, and the newest PTX that they compile.
    private static readonly (int Driver, int Ptx)[] Drivers =
    [
        (9000, 60), (9010, 61), (9020, 62), (10000, 63), (10010, 64), (10020, 65),
        (11000, 70), (11010, 71), (11020, 72), (11030, 73), (11040, 74), (11050, 75), (11060, 76), (11070, 77), (11080, 78),
        (12000, 80), (12010, 81), (12020, 82), (12030, 83), (12040, 84), (12050, 85), (12070, 86), (12080, 87), (12090, 88), (13000, 90),
    ];

    /// <summary>Why a device can't be used, as a sentence without its end; null where it can.</summary>
    /// <param name="driver">The newest CUDA that the driver serves: 12040 for 12.4.</param>
    /// <param name="architecture">The device's compute capability, times ten.</param>
    public static string? Refusal(int driver, int architecture) =>
        driver < LeastDriver
            ? $"its driver is too old: it serves CUDA {CudaVersion(driver)}, and {CudaVersion(LeastDriver)} is needed; update the driver"
        : architecture < LeastArchitecture ? $"its compute capability is {architecture / 10}.{architecture % 10}, and 5.0 is needed"
        : null;

    /// <summary>What a device that isn't refused takes.</summary>
    public static PtxTarget For(int driver, int architecture)
    {
        int newest = Drivers.Last(row => row.Driver <= driver).Ptx;
        var (known, least) = Architectures.Last(row => row.Architecture <= architecture && row.Ptx <= newest);
        return new PtxTarget(least, known);
    }

    /// <summary>A CUDA version in words: `12.4`.</summary>
    public static string CudaVersion(int version) => $"{version / 1000}.{version % 1000 / 10}";
}

namespace GanFromScratch.Tests;

/// <summary>The PTX of all kernels of the library, made once.</summary>
internal static class LibraryTexts
{
    private static readonly Dictionary<int, Lazy<Dictionary<string, string>>> Made =
        Architectures.ToDictionary(target => target, target => new Lazy<Dictionary<string, string>>(() => Make(target)));

    /// <summary>
    /// Gets the compute capabilities that are looked at, times ten: of an A100, and in the exhaustive form of an H100.
    /// </summary>
    public static int[] Architectures => Thoroughness.IsWhole ? [80, 90] : [80];

    /// <summary>Returns the texts for an architecture by their kernels' titles.</summary>
    public static IReadOnlyDictionary<string, string> Of(int architecture) => Made[architecture].Value;

    private static Dictionary<string, string> Make(int architecture)
    {
        LibraryKernel[] kernels = [.. LibraryKernels.All.DistinctBy(kernel => kernel.Title)];
        return kernels.Zip(KernelText.Ptx(kernels.Select(kernel => (kernel.Method, kernel.Threads)), architecture))
            .ToDictionary(pair => pair.First.Title, pair => pair.Second);
    }
}

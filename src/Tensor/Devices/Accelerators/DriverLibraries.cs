using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace GanFromScratch.Tensors;

/// <summary>
/// The shared libraries of drivers. P/Invokes name them without a version, and on Linux only developers' packages install those names; a
/// driver installs <c>libcuda.so.1</c> and <c>libOpenCL.so.1</c>. A driver's library is loaded here before its devices are listed.
/// </summary>
internal static class DriverLibraries
{
    /// <summary>The name of NVIDIA's driver in P/Invokes.</summary>
    public const string Cuda = "cuda";

    /// <summary>The name of the OpenCL loader in P/Invokes.</summary>
    public const string OpenCl = "OpenCL";

    /// <summary>The file of NVIDIA's driver; macOS has none any more.</summary>
    public static string CudaFile { get; } = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The file of the OpenCL loader.</summary>
    public static string OpenClFile { get; } = OperatingSystem.IsWindows() ? "OpenCL.dll"
        : OperatingSystem.IsMacOS() ? "/System/Library/Frameworks/OpenCL.framework/OpenCL"
        : "libOpenCL.so.1";

    // Resolves a library that the system doesn't find under its plain name by the name of its file.
    static DriverLibraries() =>
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += static (_, name) => FileOf(name) is { } file ? Load(file) : 0;

    /// <summary>Loads a library by its file's name; returns 0 where the system doesn't find it.</summary>
    public static nint Load(string file) => NativeLibrary.TryLoad(file, out nint handle) ? handle : 0;

    private static string? FileOf(string name) => name is Cuda or "nvcuda" ? CudaFile : name == OpenCl ? OpenClFile : null;
}

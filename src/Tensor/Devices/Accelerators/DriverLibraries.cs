using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace GanFromScratch.Tensors;

/// <summary>
/// The shared libraries of drivers. ILGPU, and this project, ask for them without a version, and Linux has the plain names only where developers' packages are
/// installed: what a driver installs is <c>libcuda.so.1</c> and <c>libOpenCL.so.1</c>. Whoever asks for a driver's devices loads its library here first.
/// </summary>
internal static class DriverLibraries
{
    /// <summary>What a P/Invoke into NVIDIA's driver names.</summary>
    public const string Cuda = "cuda";

    /// <summary>What a P/Invoke into the OpenCL loader names.</summary>
    public const string OpenCl = "OpenCL";

    /// <summary>NVIDIA's driver as a user knows it; macOS has none any more.</summary>
    public static string CudaFile { get; } = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The OpenCL loader as a user knows it.</summary>
    public static string OpenClFile { get; } = OperatingSystem.IsWindows() ? "OpenCL.dll"
        : OperatingSystem.IsMacOS() ? "/System/Library/Frameworks/OpenCL.framework/OpenCL"
        : "libOpenCL.so.1";

    // Lets the search for a library that the system doesn't find under its plain name go on with its file's name.
    static DriverLibraries() => AssemblyLoadContext.Default.ResolvingUnmanagedDll += static (_, name) => FileOf(name) is { } file ? Load(file) : 0;

    /// <summary>Loads a library that has a file's name, or returns 0 where the system doesn't find it.</summary>
    public static nint Load(string file) => NativeLibrary.TryLoad(file, out nint handle) ? handle : 0;

    private static string? FileOf(string name) => name is Cuda or "nvcuda" ? CudaFile : name == OpenCl ? OpenClFile : null;
}

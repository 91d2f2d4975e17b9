using System.Reflection;
using System.Text.RegularExpressions;
using GanFromScratch.Tensors;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GanFromScratch.Tests;

/// <summary>What ILGPU makes of a kernel for a device that isn't here.</summary>
internal static partial class KernelText
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private static readonly Lazy<Context> Shared = new(() => DeviceCatalog.ContextOf(doubles: true, timed: false));

    /// <summary>Finds a kernel by its name, and closes it over types.</summary>
    public static MethodInfo Kernel(Type library, string name, params Type[] types)
    {
        var method = library.GetMethod(name, Any) ?? throw new ArgumentException($"{library.Name} has no kernel {name}");
        return types.Length > 0 ? method.MakeGenericMethod(types) : method;
    }

    /// <summary>Compiles a kernel to PTX, for an architecture such as 80 for sm_80, without a driver.</summary>
    /// <param name="kernel">The kernel; with an index as its first parameter it is one thread an element.</param>
    /// <param name="threads">Threads of its groups.</param>
    /// <param name="architecture">The compute capability, times ten.</param>
    public static string Ptx(MethodInfo kernel, int threads, int architecture) =>
        Renumbered(Ptx([(kernel, threads)], architecture).Single());

    /// <summary>Compiles kernels to PTX, one after another, as a device does.</summary>
    /// <param name="kernels">The kernels, and the threads of their groups.</param>
    /// <param name="architecture">The compute capability, times ten.</param>
    public static IEnumerable<string> Ptx(IEnumerable<(MethodInfo Kernel, int Threads)> kernels, int architecture)
    {
        var target = new CudaArchitecture(architecture / 10, architecture % 10);
        var instructions = architecture < 90 ? CudaInstructionSet.ISA_70 : CudaInstructionSet.ISA_78;
        using var backend = new PTXBackend(Shared.Value, new CudaCapabilityContext(target), target, instructions, null);
        foreach (var (kernel, threads) in kernels)
            yield return ((PTXCompiledKernel)Compile(backend, kernel, threads)).PTXAssembly;
    }

    /// <summary>Compiles a kernel to OpenCL C 3.0, for a device with doubles.</summary>
    /// <param name="kernel">The kernel; with an index as its first parameter it is one thread an element.</param>
    /// <param name="threads">Threads of its groups.</param>
    public static string OpenCl(MethodInfo kernel, int threads)
    {
        var capabilities = new CLCapabilityContext(
            float16: false, float64: true, int64_Atomics: false, subGroups: false, genericAddressSpace: true);
        using var backend = new CLBackend(Shared.Value, capabilities, CLDeviceVendor.Other, CLCVersion.CL30);
        return Renumbered(((CLCompiledKernel)Compile(backend, kernel, threads)).Source);
    }

    /// <summary>Counts types, labels and parameters from 0 in every text: ILGPU counts on through all that a process compiles.</summary>
    private static string Renumbered(string text)
    {
        var order = new Dictionary<string, int>();
        return RunningNumber().Replace(text, number =>
        {
            order.TryAdd(number.Value, order.Count);
            return $"{order[number.Value]}";
        });
    }

    [GeneratedRegex(@"(?<=\b(?:type|L|_[A-Za-z]\w*?)_)\d+(?=\b|_kernel\b)")]
    private static partial Regex RunningNumber();

    private static CompiledKernel Compile(Backend backend, MethodInfo kernel, int threads) =>
        kernel.GetParameters()[0].ParameterType == typeof(Index1D)
            ? backend.Compile(EntryPointDescription.FromImplicitlyGroupedKernel(kernel), new KernelSpecialization(threads, null))
            : backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), new KernelSpecialization(threads, 512 / threads));
}

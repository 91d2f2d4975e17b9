using System.Globalization;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>A device of OpenCL, before it is opened.</summary>
/// <param name="Platform">The driver's name for its platform.</param>
/// <param name="Device">The driver's name for the device.</param>
/// <param name="IsGpu">Whether it is a graphics processor.</param>
/// <param name="RoundsCorrectly">Whether division and square root can be asked to be the nearest floats.</param>
/// <param name="MostThreadsOfGroup">The most threads that a group may have.</param>
/// <param name="Description">What it says of itself.</param>
internal sealed record FoundOpenClDevice(
    nint Platform, nint Device, bool IsGpu, bool RoundsCorrectly, int MostThreadsOfGroup, DeviceDescription Description);

/// <summary>Asks the OpenCL loader for all devices of all drivers, in its order.</summary>
internal static unsafe class OpenClFinder
{
    /// <summary>Kernels are written for groups of so many threads.</summary>
    public const int LeastThreadsOfGroup = 256;

    private const int DeviceNotFound = -1, PlatformNotFound = -1001;
    private const ulong AllDevices = 0xFFFFFFFF, Cpu = 1 << 1, Gpu = 1 << 2, CorrectlyRoundedDivideSqrt = 1 << 7;
    private const uint PlatformName = 0x0902;
    private const uint DeviceType = 0x1000, MaxWorkGroupSize = 0x1004, SingleFpConfig = 0x101B, GlobalMemSize = 0x101F;
    private const uint Available = 0x1027, CompilerAvailable = 0x1028, DeviceName = 0x102B, DriverVersion = 0x102D, DeviceVersion = 0x102F;

    /// <summary>All devices, those that can't be used among them.</summary>
    /// <exception cref="OpenClException">A driver failed.</exception>
    public static List<FoundOpenClDevice> Find(OpenClLibrary cl)
    {
        var found = new List<FoundOpenClDevice>();
        foreach (nint platform in Platforms(cl))
        {
            string platformName = "an OpenCL driver";
            try
            {
                platformName = Text((size, value, needed) => cl.GetPlatformInfo(platform, PlatformName, size, value, needed), "clGetPlatformInfo");
                foreach (nint device in Devices(cl, platform))
                    found.Add(Describe(cl, platform, platformName, device, found.Count));
            }
            catch (OpenClException fault) // one driver that is broken hides none of the others
            {
                found.Add(Broken(platform, platformName, found.Count, fault));
            }
        }
        return found;
    }

    private static FoundOpenClDevice Broken(nint platform, string platformName, int number, OpenClException fault)
    {
        var description = new DeviceDescription($"opencl:{number}", "a device", platformName, 0, IsCpu: false, $"its driver fails: {fault.Message}");
        return new FoundOpenClDevice(platform, 0, IsGpu: false, false, 0, description);
    }

    private static nint[] Platforms(OpenClLibrary cl)
    {
        uint count;
        int code = cl.GetPlatformIDs(0, null, &count);
        if (code == PlatformNotFound || (code == 0 && count == 0))
            return [];
        OpenClException.Check(code, "clGetPlatformIDs");
        var platforms = new nint[count];
        fixed (nint* first = platforms)
            OpenClException.Check(cl.GetPlatformIDs(count, first, null), "clGetPlatformIDs");
        return platforms;
    }

    private static nint[] Devices(OpenClLibrary cl, nint platform)
    {
        uint count;
        int code = cl.GetDeviceIDs(platform, AllDevices, 0, null, &count);
        if (code == DeviceNotFound || (code == 0 && count == 0))
            return []; // a driver whose hardware is missing
        OpenClException.Check(code, "clGetDeviceIDs");
        var devices = new nint[count];
        fixed (nint* first = devices)
            OpenClException.Check(cl.GetDeviceIDs(platform, AllDevices, count, first, null), "clGetDeviceIDs");
        return devices;
    }

    private static FoundOpenClDevice Describe(OpenClLibrary cl, nint platform, string platformName, nint device, int number)
    {
        string Words(uint what) => Text((size, value, needed) => cl.GetDeviceInfo(device, what, size, value, needed), "clGetDeviceInfo");
        ulong Number(uint what)
        {
            ulong value = 0; // narrower answers fill its low bytes
            OpenClException.Check(cl.GetDeviceInfo(device, what, sizeof(ulong), &value, null), "clGetDeviceInfo");
            return value;
        }
        int threads = (int)Math.Min(Number(MaxWorkGroupSize), int.MaxValue);
        string version = Words(DeviceVersion);
        string? refusal =
            Number(Available) == 0 ? "its driver says that it isn't available now"
            : Number(CompilerAvailable) == 0 ? "its driver has no compiler"
            : !IsAtLeast12(version) ? $"it has {version.Trim()}, and 1.2 is needed"
            : threads < LeastThreadsOfGroup
                ? $"its groups have at most {threads} threads, and kernels are written for {LeastThreadsOfGroup}"
            : null;
        ulong type = Number(DeviceType);
        string driver = $"{platformName} {Words(DriverVersion)}";
        var description = new DeviceDescription(
            $"opencl:{number}", Words(DeviceName), driver, Number(GlobalMemSize), (type & Cpu) != 0, refusal);
        bool rounds = (Number(SingleFpConfig) & CorrectlyRoundedDivideSqrt) != 0;
        return new FoundOpenClDevice(platform, device, (type & Gpu) != 0, rounds, threads, description);
    }

    // "OpenCL 1.2 and the vendor's words"
    private static bool IsAtLeast12(string version) =>
        version.Split(' ') is ["OpenCL", var number, ..]
        && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= 1.2;

    private delegate int Query(nuint size, void* value, nuint* needed);

    private static string Text(Query query, string call)
    {
        nuint size;
        OpenClException.Check(query(0, null, &size), call);
        var bytes = new byte[size];
        fixed (byte* first = bytes)
            OpenClException.Check(query(size, first, null), call);
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }
}

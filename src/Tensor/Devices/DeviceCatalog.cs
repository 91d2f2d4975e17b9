namespace GanFromScratch.Tensors;

/// <summary>The devices of one kind.</summary>
/// <param name="Devices">All that the driver lists, those that can't be used among them.</param>
/// <param name="WhyNone">Why there is none, as a sentence without its end; null where there are some.</param>
public sealed record DeviceList(IReadOnlyList<DeviceDescription> Devices, string? WhyNone)
{
    /// <summary>The drivers that aren't used because they would end or stop this process.</summary>
    public IReadOnlyList<LeftOutDriver> LeftOut { get; init; } = [];
}

/// <summary>The devices behind drivers, found and opened. A driver is loaded when it is first asked for.</summary>
public sealed class DeviceCatalog
{
    private readonly Func<ICudaDriver> _openCuda;
    private readonly Lazy<Found<ICudaDriver>> _cuda;
    private readonly Lazy<Found<OpenClLibrary>> _openCl;
    private IReadOnlyList<FoundOpenClDevice> _openClDevices = [];

    /// <summary>The catalog of this machine.</summary>
    public DeviceCatalog()
        : this(CudaDriver.Open, OpenClLibrary.Open, OpenClDrivers.Prepare)
    {
    }

    internal DeviceCatalog(Func<ICudaDriver> cuda, Func<OpenClLibrary> openCl, Func<OpenClDrivers>? drivers = null)
    {
        _openCuda = cuda;
        _cuda = new(() => Look(cuda, ListCuda));
        _openCl = new(() => LookAtOpenCl(openCl, drivers?.Invoke() ?? new OpenClDrivers([], AnyLeft: true)));
    }

    /// <summary>The devices of NVIDIA's driver.</summary>
    public DeviceList Cuda => _cuda.Value.List;

    /// <summary>The devices of all OpenCL drivers.</summary>
    public DeviceList OpenCl => _openCl.Value.List;

    /// <summary>The drivers that aren't used, as far as anything was asked for whose answer they could change.</summary>
    public IReadOnlyList<LeftOutDriver> LeftOut => _openCl.IsValueCreated ? OpenCl.LeftOut : [];

    /// <summary>
    /// What is used where nobody chose: a CUDA device, otherwise a graphics processor with OpenCL; null: the machine's processor, without a
    /// driver.
    /// </summary>
    public DeviceDescription? Best => Cuda.Devices.FirstOrDefault(IsUsable) ?? FirstGpu;

    private DeviceDescription? FirstGpu =>
        OpenCl.Devices.Where((device, i) => IsUsable(device) && _openClDevices[i].IsGpu).FirstOrDefault();

    /// <summary>Finds a device of a kind.</summary>
    /// <param name="kind">`cuda` or `opencl`.</param>
    /// <param name="number">Its number; null: the first graphics processor, otherwise the first device that can be used.</param>
    /// <exception cref="DeviceException">There is no such device, or it can't be used.</exception>
    public DeviceDescription Find(string kind, int? number)
    {
        var (devices, whyNone) = kind == "cuda" ? Cuda : OpenCl;
        if (whyNone is not null)
        {
            var leftOut = kind == "cuda" ? [] : OpenCl.LeftOut;
            throw new DeviceException(string.Join(' ', [$"There is no {kind} device: {whyNone}.", .. leftOut]));
        }
        if (number >= devices.Count)
        {
            string count = devices.Count == 1 ? "is one device, number 0" : $"are {devices.Count} devices, 0 to {devices.Count - 1}";
            throw new DeviceException($"There is no device {kind}:{number}: of this kind there {count}.");
        }
        var found = number is { } n ? devices[n] : (kind == "cuda" ? null : FirstGpu) ?? devices.FirstOrDefault(IsUsable) ?? devices[0];
        return found.Refusal is null ? found : throw new DeviceException($"The device {found} can't be used: {found.Refusal}.");
    }

    /// <summary>Opens a device that was found here.</summary>
    /// <exception cref="DeviceException">It fails.</exception>
    public ProgramDevice Open(DeviceDescription device, DeviceSettings settings)
    {
        if (device.Name.StartsWith("cuda", StringComparison.Ordinal)) // not by looking for it, which would load both drivers
            return new CudaDevice(_openCuda(), Cuda.Devices.ToList().IndexOf(device), settings); // a driver of its own: it holds one context
        return new OpenClDevice(_openCl.Value.Driver!, _openClDevices.First(found => found.Description == device), settings);
    }

    private static bool IsUsable(DeviceDescription device) => device.Refusal is null;

    private static DeviceList ListCuda(ICudaDriver driver)
    {
        DeviceDescription[] devices = [.. Enumerable.Range(0, driver.DeviceCount).Select(number => CudaDevice.Describe(driver, number))];
        return new DeviceList(devices, devices.Length > 0 ? null : "NVIDIA's driver is there, but it has no device");
    }

    private DeviceList ListOpenCl(OpenClLibrary library)
    {
        const string WhyNone = "the OpenCL loader is there, but no driver with a device; a graphics driver brings one, or pocl for the processor";
        _openClDevices = OpenClFinder.Find(library);
        return new DeviceList([.. _openClDevices.Select(found => found.Description)], _openClDevices.Count > 0 ? null : WhyNone);
    }

    private Found<OpenClLibrary> LookAtOpenCl(Func<OpenClLibrary> open, OpenClDrivers drivers)
    {
        var found = drivers.AnyLeft
            ? Look(open, ListOpenCl)
            : new Found<OpenClLibrary>(null, new DeviceList([], "none of its drivers can be used"));
        return found with { List = found.List with { LeftOut = drivers.LeftOut } };
    }

    private static Found<TDriver> Look<TDriver>(Func<TDriver> open, Func<TDriver, DeviceList> list)
        where TDriver : class
    {
        try
        {
            var driver = open();
            return new Found<TDriver>(driver, list(driver));
        }
        catch (CudaException fault) when (fault.Code == CudaErrors.NoDevice)
        {
            return new Found<TDriver>(null, new DeviceList([], "NVIDIA's driver is there, but it finds no device"));
        }
        catch (DriverException fault)
        {
            return new Found<TDriver>(null, new DeviceList([], $"its driver fails: {fault.Message}"));
        }
        catch (DeviceException fault)
        {
            return new Found<TDriver>(null, new DeviceList([], fault.Message));
        }
    }

    private sealed record Found<TDriver>(TDriver? Driver, DeviceList List);
}

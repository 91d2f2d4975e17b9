using System.Collections;
using System.Globalization;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>A driver that the OpenCL loader would open.</summary>
/// <param name="Name">The file of the loader's folder that names its library, or the library itself.</param>
/// <param name="Kind">How the loader finds it.</param>
/// <param name="Content">The file's content; empty where it can't be read, or the library is named itself.</param>
internal sealed record OpenClVendor(string Name, OpenClVendorKind Kind, byte[] Content);

/// <summary>How the loader finds a driver.</summary>
internal enum OpenClVendorKind
{
    /// <summary>By a file of its folder.</summary>
    InFolder,

    /// <summary>By OCL_ICD_VENDORS, which names a file or a library instead of a folder.</summary>
    Alone,

    /// <summary>By OCL_ICD_FILENAMES, a list of libraries.</summary>
    Listed,
}

/// <summary>
/// The drivers that the OpenCL loader would open, in its order. Sources: ocl-icd 2.3 (ocl_icd_loader.c) and Khronos's loader (icd_linux.c).
/// Windows' loader reads the registry and can't be shown a part, so all its drivers are one there.
/// </summary>
// Plain loops and sums of strings: a start that looks for a device waits for this, and queries over pairs take 20 ms to compile.
internal sealed class OpenClVendors
{
    private const string Vendors = "OCL_ICD_VENDORS", VendorPath = "OPENCL_VENDOR_PATH", FileNames = "OCL_ICD_FILENAMES";
    private const string DefaultFolder = "/etc/OpenCL/vendors";

    private OpenClVendors(IReadOnlyList<OpenClVendor> all, string key) => (All, Key) = (all, key);

    /// <summary>All of them.</summary>
    public IReadOnlyList<OpenClVendor> All { get; }

    /// <summary>A key that changes with a file, its time, or the loader's environment.</summary>
    public string Key { get; }

    /// <summary>
    /// Returns the drivers of this machine and this process' environment; none where no loader would open any, or on macOS.
    /// </summary>
    public static OpenClVendors OfThisProcess()
    {
        var environment = Environment.GetEnvironmentVariables();
        if (OperatingSystem.IsLinux())
            return Of(environment, DefaultFolder);
        string library = Path.Combine(Environment.SystemDirectory, "OpenCL.dll");
        bool isWindows = OperatingSystem.IsWindows() && File.Exists(library);
        return new OpenClVendors(
            isWindows ? [new OpenClVendor(library, OpenClVendorKind.Alone, [])] : [], isWindows ? KeyOf(environment, [library]) : "");
    }

    /// <summary>Returns the drivers of an environment on Linux.</summary>
    /// <param name="environment">The environment's variables.</param>
    /// <param name="defaultFolder">The loader's folder unless a variable names one.</param>
    internal static OpenClVendors Of(IDictionary environment, string defaultFolder)
    {
        string vendorPath = Value(VendorPath) ?? defaultFolder;
        string place = Value(Vendors) ?? vendorPath;
        var all = new List<OpenClVendor>();
        foreach (string name in (Value(FileNames) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            all.Add(new OpenClVendor(name, OpenClVendorKind.Listed, []));
        if (Directory.Exists(place))
        {
            foreach (string file in Files(place))
                all.Add(new OpenClVendor(file, OpenClVendorKind.InFolder, ContentOf(file)));
        }
        else if (Value(Vendors) is not null)
        {
            all.Add(new OpenClVendor(place, OpenClVendorKind.Alone, ContentOf(PathOfAlone())));
        }
        var files = new List<string>();
        foreach (var vendor in all)
        {
            files.Add(vendor.Kind == OpenClVendorKind.Alone ? PathOfAlone() : vendor.Name);
            files.Add(Encoding.UTF8.GetString(vendor.Content).Trim());
        }
        return new OpenClVendors(all, KeyOf(environment, files));

        string? Value(string name) => environment[name] is string { Length: > 0 } value ? value : null;

        // ocl-icd looks for a name without a folder in the vendors' folder first
        string PathOfAlone() => File.Exists(Path.Combine(vendorPath, place)) ? Path.Combine(vendorPath, place) : place;
    }

    /// <summary>Returns the drivers' files of a folder in the order in which the system lists them, which is the loader's.</summary>
    internal static IEnumerable<string> Files(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*.icd")];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Returns a file's content; nothing where it can't be read.</summary>
    internal static byte[] ContentOf(string file)
    {
        const int Most = 1 << 16; // a file names a library; what is longer is none, such as the library itself
        try
        {
            return new FileInfo(file) is { Exists: true, Length: <= Most } ? File.ReadAllBytes(file) : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Returns the variables that show the loader some of its drivers, in their order.</summary>
    /// <param name="some">The drivers; for all of them no variable is set.</param>
    /// <param name="folderOf">Creates a folder of these files.</param>
    public IReadOnlyDictionary<string, string> Showing(IReadOnlyList<OpenClVendor> some, Func<IReadOnlyList<OpenClVendor>, string> folderOf)
    {
        var variables = new Dictionary<string, string>();
        if (some.Count == All.Count)
            return variables;
        if (All.Any(vendor => vendor.Kind == OpenClVendorKind.Listed))
            variables[FileNames] = string.Join(':', Of(OpenClVendorKind.Listed).Select(vendor => vendor.Name));
        if (!Of(OpenClVendorKind.Alone).Any())
            variables[Vendors] = variables[VendorPath] = folderOf([.. Of(OpenClVendorKind.InFolder)]);
        return variables;

        IEnumerable<OpenClVendor> Of(OpenClVendorKind kind) => some.Where(vendor => vendor.Kind == kind);
    }

    // The machine's name is there because homes are shared, and with them what is kept there.
    private static string KeyOf(IDictionary environment, List<string> files)
    {
        var parts = new List<string>();
        foreach (DictionaryEntry variable in environment)
        {
            string name = (string)variable.Key;
            if (name.StartsWith("OCL_", StringComparison.Ordinal) || name.StartsWith("OPENCL_", StringComparison.Ordinal)
                || name.StartsWith("LD_", StringComparison.Ordinal))
            {
                parts.Add(name + "=" + variable.Value);
            }
        }
        parts.Sort(StringComparer.Ordinal);
        parts.Add(Environment.MachineName);
        foreach (string file in files)
        {
            long time = Path.IsPathFullyQualified(file) ? File.GetLastWriteTimeUtc(file).Ticks : 0; // a fixed one where there is no file
            parts.Add(file + " " + time.ToString(CultureInfo.InvariantCulture));
        }
        return string.Join('\n', parts);
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GanFromScratch.Tensors;

/// <summary>
/// The OpenCL drivers that this process can load. The loader opens all of them at its first call, and one that aborts there ends the
/// process; so child processes load them first, and the loader of this process is shown only those that they survived.
/// </summary>
/// <param name="LeftOut">The drivers that aren't loaded.</param>
/// <param name="AnyLeft">Whether the loader may be called: false where every driver was left out.</param>
internal sealed record LoadableDrivers(IReadOnlyList<LeftOutDriver> LeftOut, bool AnyLeft)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // The loader reads its environment once in a process, so there is one answer in a process.
    private static readonly Lazy<LoadableDrivers> Prepared = new(() => Prepare(DeviceSettings.OfThisProcess()));

    /// <summary>
    /// Determines which OpenCL drivers can be loaded, and shows the loader of this process only those. Must be called before the loader's
    /// first call; later calls return the same.
    /// </summary>
    public static LoadableDrivers Prepare() => Prepared.Value;

    private static LoadableDrivers Prepare(DeviceSettings settings)
    {
        long began = Stopwatch.GetTimestamp();
        var vendors = OpenClVendors.OfThisProcess();
        if (vendors.All.Count == 0 || !OpenClProbe.IsPossible)
            return new LoadableDrivers([], AnyLeft: true);
        var folder = new OpenClDriverCache(Path.Combine(settings.Cache, "opencl"));
        int children = 0;
        var (left, leftOut) = Find(vendors, folder, environment =>
        {
            Interlocked.Increment(ref children);
            return OpenClProbe.Run(environment, Limit);
        });
        if (leftOut.Count > 0 && left.Count > 0)
        {
            foreach (var (name, value) in vendors.Showing(left, folder.Of))
                SetNative(name, value);
        }
        if (settings.DebugLevel >= 1)
        {
            string tried = children == 1 ? "a child process" : $"{children} child processes";
            string how = children == 0 ? "known from before" : $"tried in {tried}";
            double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            settings.Log.WriteLine($"OpenCL: {left.Count} of {vendors.All.Count} drivers can be loaded ({how}, {milliseconds:F0} ms)");
            foreach (var driver in leftOut)
                settings.Log.WriteLine($"OpenCL: without {driver.Name}: {driver.Why}");
        }
        return new LoadableDrivers(leftOut, left.Count > 0);
    }

    /// <summary>Finds the drivers that can be loaded together, from the cache or by child processes.</summary>
    /// <param name="vendors">The drivers that the loader would open.</param>
    /// <param name="folder">The cache of the answer.</param>
    /// <param name="load">Loads the drivers that an environment shows, in a child process with these variables besides its parent's;
    /// returns null where no child can be run.</param>
    internal static (IReadOnlyList<OpenClVendor> Left, IReadOnlyList<LeftOutDriver> LeftOut) Find(
        OpenClVendors vendors, OpenClDriverCache folder, Func<IReadOnlyDictionary<string, string>, OpenClProbeResult?> load)
    {
        var all = vendors.All;
        var left = all.ToList();
        if (folder.Find(vendors.Key) is not { } leftOut)
        {
            var search = new Search(all, some => load(vendors.Showing(some, folder.Of)));
            leftOut = search.LeftOut();
            if (search.IsFinal)
                folder.Keep(vendors.Key, leftOut);
        }
        left.RemoveAll(vendor => leftOut.Any(driver => driver.Name == vendor.Name));
        return (left, leftOut);
    }

    private static void SetNative(string name, string value)
    {
        // .NET's own function changes a copy of the environment, which native code doesn't see
        _ = OperatingSystem.IsWindows() ? 0 : SetEnv(name, value, overwrite: 1);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnv(string name, string value, int overwrite);

    /// <summary>Loads drivers in child processes until it is known which can be loaded together.</summary>
    private sealed class Search(IReadOnlyList<OpenClVendor> all, Func<IReadOnlyList<OpenClVendor>, OpenClProbeResult?> load)
    {
        private readonly Dictionary<string, OpenClProbeResult?> _known = [];

        /// <summary>
        /// Whether the answer is due to the drivers: nothing from outside ended a child, and children could be run at all.
        /// </summary>
        public bool IsFinal { get; private set; } = true;

        public List<LeftOutDriver> LeftOut()
        {
            var leftOut = new List<LeftOutDriver>();
            if (Load(all) is not { Fault: { } faultOfAll })
                return leftOut; // the common case; or no child can be run, and the drivers are loaded unseen
            if (all.Count == 1)
                return [new LeftOutDriver(all[0].Name, $"it {faultOfAll}")];

            Task.WaitAll(all.Select(vendor => Task.Run(() => Load([vendor]))));
            var survivors = new List<OpenClVendor>();
            foreach (var vendor in all)
            {
                if (Load([vendor])?.Fault is { } fault)
                    leftOut.Add(new LeftOutDriver(vendor.Name, $"it {fault}"));
                else
                    survivors.Add(vendor);
            }
            if (survivors.Count == 0 || Load(survivors)?.Fault is null)
                return leftOut;

            // each can be loaded, but not together: those with a graphics processor come first
            var kept = new List<OpenClVendor>();
            foreach (var vendor in survivors.OrderByDescending(vendor => Load([vendor])?.Gpus > 0))
            {
                var more = survivors.Where(other => other == vendor || kept.Contains(other)).ToList();
                string others = string.Join(" and ", kept.Select(other => other.Name));
                if (Load(more)?.Fault is { } fault)
                    leftOut.Add(new LeftOutDriver(vendor.Name, $"loaded together with {others}, it {fault}"));
                else
                    kept = more;
            }
            return leftOut;
        }

        private OpenClProbeResult? Load(IReadOnlyList<OpenClVendor> some)
        {
            string names = string.Join('\n', some.Select(vendor => vendor.Name));
            lock (_known)
            {
                if (_known.TryGetValue(names, out var known))
                    return known;
            }
            var found = load(some);
            lock (_known)
            {
                IsFinal &= found is { IsFinal: true };
                return _known[names] = found;
            }
        }
    }
}

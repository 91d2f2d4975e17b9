using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Runs;

/// <summary>How a download goes: the live line where there is one, otherwise a line for each quarter.</summary>
internal sealed class DownloadLines(Screen screen) : IProgress<DownloadProgress>
{
    private const int Parts = 4;
    private string _file = "";
    private int _part;

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        string total = value.Total is { } all ? $" of {Mib(all)}" : "";
        string line = $"Downloading {value.File}: {Mib(value.Bytes)}{total}";
        if (screen.IsLive)
        {
            screen.Show(line);
            return;
        }
        int part = value.Total is > 0 and { } size ? (int)(Parts * value.Bytes / size) : 0;
        if (value.File == _file && part <= _part)
            return;
        (_file, _part) = (value.File, part);
        screen.Say(line);
    }

    private static string Mib(long bytes) => $"{bytes / (double)(1 << 20):0.0} MiB";
}

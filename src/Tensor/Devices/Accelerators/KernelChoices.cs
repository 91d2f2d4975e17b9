using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>What a kernel is chosen for: the kind of work, and its extents.</summary>
/// <param name="Kind">Such as `product`.</param>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Steps of a sum.</param>
/// <param name="Form">Which of several forms the work has.</param>
public readonly record struct KernelShape(string Kind, int M, int N, int K, int Form);

/// <summary>
/// Which of several kernels with the same bits was the fastest for a shape, as measured on a device of this model and driver: in memory,
/// and in a file of the user's cache. A file that can't be read or written is no error: it is measured again.
/// </summary>
internal sealed class KernelChoices
{
    private const string Head = "gan-kernel-choices 1";
    private readonly Dictionary<KernelShape, int> _choices = [];
    private readonly string _path;
    private bool _isNew;

    /// <summary>Reads the choices for a device.</summary>
    /// <param name="cache">The folder of cached results.</param>
    /// <param name="device">The device.</param>
    public KernelChoices(string cache, DeviceDescription device)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{device.Model}\n{device.Driver}")))[..16];
        _path = Path.Combine(cache, "kernels", digest);
        Read();
    }

    /// <summary>Finds a choice.</summary>
    public bool Find(KernelShape shape, out int choice) => _choices.TryGetValue(shape, out choice);

    /// <summary>Keeps a choice.</summary>
    public void Keep(KernelShape shape, int choice) => (_choices[shape], _isNew) = (choice, true);

    /// <summary>Writes the choices, if there are new ones, beside those that another process has written since.</summary>
    public void Save()
    {
        if (!_isNew)
            return;
        Read();
        var text = new StringBuilder($"{Head}\n");
        foreach (var (shape, choice) in _choices.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{shape.Kind} {shape.M} {shape.N} {shape.K} {shape.Form} {choice}\n");
        string temporary = $"{_path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllText(temporary, text.ToString());
            File.Move(temporary, _path, overwrite: true);
            _isNew = false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // measured again by the next process
        }
    }

    private void Read()
    {
        try
        {
            string[] lines = File.ReadAllLines(_path);
            if (lines is not [Head, .. var choices])
                return;
            foreach (string line in choices)
            {
                if (line.Split(' ') is [var kind, var m, var n, var k, var form, var choice])
                    _choices.TryAdd(new(string.Intern(kind), Number(m), Number(n), Number(k), Number(form)), Number(choice));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException
            or FormatException or OverflowException)
        {
            // measured anew
        }

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>
/// The trained classifiers, one for each data set, in the user's cache: `classifiers/NAME-DIGEST.safetensors`, where the digest is of the set's pictures
/// and labels. Each was trained on the processor, whatever device judges, so that figures of one set can be compared.
/// </summary>
/// <param name="folder">Where they are kept; it need not exist yet.</param>
/// <param name="screen">Hears of training, and of a file that is of no use.</param>
internal sealed class ClassifierCache(string folder, Screen screen)
{
    private const string FormatVersion = "1"; // another one for another network or training

    /// <summary>The classifier of a data set, on a device, and its accuracy on the test pictures; trained and kept where it isn't there yet.</summary>
    /// <param name="real">The set.</param>
    /// <param name="device">Where it is to judge. The caller disposes the classifier.</param>
    /// <param name="threads">Threads of the processor for training.</param>
    public (Classifier Classifier, double Accuracy) Get(ReferenceSet real, Device device, int threads)
    {
        string path = PathOf(real);
        var classifier = new Classifier(device, real.Training.Shape, new RandomStream(0, 0));
        if (File.Exists(path))
        {
            try
            {
                return (classifier, Read(path, classifier));
            }
            catch (GanException)
            {
                screen.Warn($"{path} is damaged or of another version; the classifier learns anew.");
            }
        }
        double accuracy = Train(real, classifier, threads);
        Keep(path, classifier, accuracy);
        return (classifier, accuracy);
    }

    private double Train(ReferenceSet real, Classifier target, int threads)
    {
        using var processor = new CpuDevice(threads);
        screen.Say($"learning    a classifier of {real.Name} learns from {real.LearntFrom:N0} pictures, once");
        using var trained = screen.During(() => ClassifierTraining.Run(
            processor, real.Training.Slice(0, real.LearntFrom), real.TrainingLabels.Span, done => screen.Show($"learning    {100 * done:0} %")));
        foreach (var (to, from) in target.Values.Zip(trained.Values))
            to.Value.CopyFrom(from.Value.ToArray());
        return ClassifierTraining.Accuracy(trained.Predict(real.Test), real.TestLabels.Span);
    }

    private static double Read(string path, Classifier classifier)
    {
        var file = SafetensorsFile.Read(path);
        if (file.Text("format_version") != FormatVersion)
            throw SafetensorsFile.Damaged(path, $"it is of the version {file.Text("format_version")}, and {FormatVersion} is known here");
        foreach (var parameter in classifier.Values)
        {
            var values = file.Values(parameter.Name, Extents(parameter.Value.Shape));
            if (values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                throw SafetensorsFile.Damaged(path, $"'{parameter.Name}' has numbers that are not finite");
            parameter.Value.CopyFrom(values);
        }
        return double.TryParse(file.Text("accuracy"), NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy) && accuracy is >= 0 and <= 1
            ? accuracy
            : throw SafetensorsFile.Damaged(path, $"its accuracy '{file.Text("accuracy")}' is no share");
    }

    private void Keep(string path, Classifier classifier, double accuracy)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format_version"] = FormatVersion,
            ["layers"] = classifier.Network.Description,
            ["accuracy"] = accuracy.ToString("R", CultureInfo.InvariantCulture),
        };
        var tensors = classifier.Values.Select(
            parameter => (parameter.Name, Extents(parameter.Value.Shape), (ReadOnlyMemory<float>)parameter.Value.ToArray()));
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(path, stream => Safetensors.Write(stream, tensors, metadata));
        }
        catch (Exception fault) when (fault is GanException or IOException or UnauthorizedAccessException)
        {
            screen.Warn($"The classifier can't be kept, and will have to learn again: {fault.Message}");
        }
    }

    private string PathOf(ReferenceSet real)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { real.Training.Pixels, real.TrainingLabels, real.Test.Pixels, real.TestLabels })
            digest.AppendData(part.Span);
        return Path.Combine(folder, $"{real.Name}-{Convert.ToHexStringLower(digest.GetHashAndReset())[..16]}.safetensors");
    }

    private static int[] Extents(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];
}

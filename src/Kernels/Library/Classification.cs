using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

// x[N,K]: N rows of logits for K classes

/// <summary>What a classifier's loss is made of, and what it is judged by. Sums go from the first class to the last.</summary>
public static unsafe class Classification
{
    /// <summary>
    /// y[n,k] = 1 for k = ⌊labels[n]⌋, else 0: labels as one-hot rows. A row is NaN where the label is below 0, K or more, or NaN.
    /// </summary>
    /// <param name="labels">[N]; uniform numbers in [0, K) do as well as whole ones, and make every class as probable.</param>
    /// <param name="y">[N,K]</param>
    /// <exception cref="ArgumentException">y hasn't a row for each label.</exception>
    public static void OneHot(Tensor labels, Tensor y)
    {
        if (y.Shape.Rank != 2 || labels.Count != y.Shape[0])
            Operands.Refuse("OneHot", labels, y, $"the result must be a matrix of {labels.Count} rows, one for each label");
        int classes = y.Shape[1];
        if (y.Device is CpuDevice)
        {
            float* label = labels.Pointer(), row = y.Pointer();
            for (int n = 0; n < labels.Count; n++, row += classes)
            {
                for (int k = 0; k < classes; k++)
                    row[k] = Hot(label[n], k, classes);
            }
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, OneHotKernel, labels.On(y.Device), y.On(y.Device), classes);
        }
    }

    /// <summary>y[n,k] = x[n,k] - m - ln Σₖ e^(x[n,k] - m), where m is the row's greatest: nothing overflows.</summary>
    /// <exception cref="ArgumentException">The shapes differ, or there are no classes.</exception>
    public static void LogSoftmax(Tensor x, Tensor y)
    {
        Operands.SameShape("LogSoftmax", x, y);
        int classes = x.Shape.Columns;
        if (classes == 0)
            Operands.Refuse("LogSoftmax", x, y, "there must be a column for each class");
        if (y.Device is CpuDevice cpu)
        {
            var job = new LogSoftmaxJob(x.Pointer(), y.Pointer(), classes);
            cpu.Run(ref job, x.Shape.Rows, CpuLoop.MinRows(8 * classes));
        }
        else
        {
            Launcher.ForEach(y.Device, x.Shape.Rows, LogSoftmaxKernel, x.On(y.Device), y.On(y.Device), classes);
        }
    }

    /// <summary>
    /// y[n] = the logit of row n's class less the greatest of the others: positive where the greatest logit is that of the class.
    /// </summary>
    /// <param name="x">[N,K]</param>
    /// <param name="oneHot">[N,K], as of <see cref="OneHot"/>.</param>
    /// <param name="y">[N,1]</param>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Margin(Tensor x, Tensor oneHot, Tensor y)
    {
        Operands.SameShape("Margin", x, oneHot);
        if (y.Count != x.Shape.Rows)
            Operands.Refuse("Margin", x, y, $"the result must have {x.Shape.Rows} elements, one for each row");
        int classes = x.Shape.Columns;
        if (y.Device is CpuDevice)
        {
            float* row = x.Pointer(), hot = oneHot.Pointer(), margin = y.Pointer();
            for (int n = 0; n < y.Count; n++, row += classes, hot += classes)
            {
                float own = float.NegativeInfinity, other = own;
                for (int k = 0; k < classes; k++)
                {
                    own = hot[k] > 0f ? Greater(own, row[k]) : own;
                    other = hot[k] > 0f ? other : Greater(other, row[k]);
                }
                margin[n] = own - other;
            }
        }
        else
        {
            Launcher.ForEach(y.Device, y.Count, MarginKernel, x.On(y.Device), oneHot.On(y.Device), y.On(y.Device), classes);
        }
    }

    private static void OneHotKernel(Index1D i, ArrayView<float> labels, ArrayView<float> y, int classes) =>
        y[i] = Hot(labels[i / classes], i % classes, classes);

    // By selections: of a branch's condition, ILGPU's OpenCL may have the opposite, which for NaN is no opposite.
    private static float Hot(float label, int k, int classes)
    {
        Scalar l = new(label), zero = new(0f), notANumber = new(float.NaN);
        var hot = Scalar.IfLess(l, new(k), zero, Scalar.IfLess(l, new(k + 1), new(1f), zero));
        return Scalar.IfLess(l, new(classes), Scalar.IfLess(l, zero, notANumber, hot), notANumber).Value;
    }

    private static void LogSoftmaxKernel(Index1D n, ArrayView<float> x, ArrayView<float> y, int classes)
    {
        int from = n * classes, to = from + classes;
        float max = x[from];
        for (int i = from + 1; i < to; i++)
            max = Greater(max, x[i]);
        var sum = new Scalar(0f);
        for (int i = from; i < to; i++)
            sum += Scalar.Exp(new Scalar(x[i] - max));
        float log = Scalar.Log(sum).Value;
        for (int i = from; i < to; i++)
            y[i] = x[i] - max - log;
    }

    private static void MarginKernel(Index1D n, ArrayView<float> x, ArrayView<float> oneHot, ArrayView<float> y, int classes)
    {
        float own = float.NegativeInfinity, other = own;
        for (int i = n * classes; i < (n + 1) * classes; i++)
        {
            own = oneHot[i] > 0f ? Greater(own, x[i]) : own;
            other = oneHot[i] > 0f ? other : Greater(other, x[i]);
        }
        y[n] = own - other;
    }

    private static float Greater(float a, float b) => a < b ? b : a;

    private readonly struct LogSoftmaxJob(float* x, float* y, int classes) : IJob
    {
        public void Run(int from, int to)
        {
            for (int n = from; n < to; n++)
            {
                float* row = x + ((nint)n * classes), result = y + ((nint)n * classes);
                float max = row[0];
                for (int k = 1; k < classes; k++)
                    max = Greater(max, row[k]);
                var sum = new Scalar(0f);
                for (int k = 0; k < classes; k++)
                    sum += Scalar.Exp(new Scalar(row[k] - max));
                float log = Scalar.Log(sum).Value;
                for (int k = 0; k < classes; k++)
                    result[k] = row[k] - max - log;
            }
        }
    }
}
